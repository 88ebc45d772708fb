using ContextAware.Interop;
using ContextAware.Products;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <content>The way in: from model width to heads, with as few products as the inputs allow.</content>
public sealed partial class MultiHeadAttention
{
    private void Initialise()
    {
        if (WeightInitialization.IsSkipped)
            return;
        foreach (var weight in ProjectionWeights)
            nn.init.xavier_uniform_(weight);
        if (packedBias is not null)
        {
            nn.init.zeros_(packedBias);
            nn.init.zeros_(outputProjection.bias);
        }
        if (extraKey is not null)
        {
            // Glorot and Bengio 2010: σ² = 2 / (fan in + fan out). TorchSharp's xavier_normal_ draws other numbers than PyTorch's.
            var deviation = Math.Sqrt(1.0 / (groups * headWidth));
            nn.init.normal_(extraKey, 0, deviation);
            nn.init.normal_(extraValue!, 0, deviation);
        }
    }

    /// <summary>Queries [B, H, T, E], and all keys and values to attend to [B, G, S, E], positions in them.</summary>
    private (Tensor Query, Tensor Key, Tensor Value) ProjectToHeads(Tensor query, Tensor key, Tensor value, AttentionCall call, Tensor? ids, bool batched)
    {
        var cache = call.Cache;
        if (cache?.Source is { } source)
        {
            var projected = queryWeight is null
                ? Dense.Apply(Batched(query), packedWeight!, packedBias, width)
                : Dense.Apply(Batched(query), queryWeight, packedBias?.narrow(0, 0, width));
            return (Query(projected, 0, null), source.Key, source.Value);
        }
        var offset = cache?.Length ?? 0;
        var (q, k, v) = Project(query, key, value, batched);                           // [B, T, D], [B, S, G·E], [B, S, G·E]
        var newQuery = Query(q, offset, ids);
        var (newKey, newValue) = (Key(k, offset, ids), Heads.Split(v, groups, headWidth));
        var (allKeys, allValues) = cache is null ? (newKey, newValue) : cache.Take(newKey, newValue, IsRecorded(newQuery, call.Bias));
        return (newQuery, allKeys, allValues);

        Tensor Batched(Tensor tensor) => batched ? tensor : tensor.unsqueeze(0);
    }

    /// <summary>Whether autograd keeps the keys for the sake of the queries or of what is added to the scores.</summary>
    private bool IsRecorded(Tensor query, Tensor? bias) =>
        is_grad_enabled() && (query.requires_grad || bias is { requires_grad: true } || (relative?.HasGradients ?? false));

    /// <summary>One product where all inputs are one tensor, two where key is value, else three.</summary>
    private (Tensor Query, Tensor Key, Tensor Value) Project(Tensor query, Tensor key, Tensor value, bool batched)
    {
        var keys = groups * headWidth;
        var oneSource = ReferenceEquals(key, value);
        var self = oneSource && ReferenceEquals(query, key);
        var (q, k, v) = batched ? (query, key, value) : (query.unsqueeze(0), key.unsqueeze(0), value.unsqueeze(0));
        if (packedWeight is null)
        {
            return (
                Dense.Apply(q, queryWeight!, packedBias?.narrow(0, 0, width)),
                Dense.Apply(k, keyWeight!, packedBias?.narrow(0, width, keys)),
                Dense.Apply(v, valueWeight!, packedBias?.narrow(0, width + keys, keys)));
        }
        if (self)
        {
            var all = Dense.Apply(q, packedWeight, packedBias).split([width, keys, keys], -1);
            return (all[0], all[1], all[2]);
        }
        if (oneSource)
        {
            var parts = Dense.ApplyParts([q, k], packedWeight, packedBias, [width, 2 * keys]);
            var both = parts[1].split([keys, keys], -1);
            return (parts[0], both[0], both[1]);
        }
        var three = Dense.ApplyParts([q, k, v], packedWeight, packedBias, [width, keys, keys]);
        return (three[0], three[1], three[2]);
    }

    /// <summary>[B, T, D] → [B, H, T, E].</summary>
    private Tensor Query(Tensor projected, long offset, Tensor? ids)
    {
        var query = Heads.Split(projected, heads, headWidth);
        query = queryNorm is null ? query : queryNorm.call(query);
        return positions is null ? query : ids is null ? positions.TransformQuery(query, offset) : positions.TransformQueryAt(query, ids);
    }

    /// <summary>[B, S, G·E] → [B, G, S, E].</summary>
    private Tensor Key(Tensor projected, long offset, Tensor? ids)
    {
        var key = Heads.Split(projected, groups, headWidth);
        key = keyNorm is null ? key : keyNorm.call(key);
        return positions is null ? key : ids is null ? positions.TransformKey(key, offset) : positions.TransformKeyAt(key, ids);
    }

    private void CheckSizes()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(keyWidth, nameof(options.KeyWidth));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(valueWidth, nameof(options.ValueWidth));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(groups, nameof(options.KeyValueHeads));
        if (width % heads != 0)
            throw new ArgumentException($"Expected a number of heads that divides the width {width}, got {heads}.", nameof(heads));
        if (heads % groups != 0)
            throw new ArgumentException($"Expected a number of key-value heads that divides the {heads} heads, got {groups}.", nameof(options));
        AttentionChecks.Dropout(options.Dropout);
        AttentionChecks.Softcap(options.Softcap);
        AttentionChecks.Scale(options.Scale);
    }

    /// <returns>The sizes of the attention to come, with the keys that the cache will give.</returns>
    private AttentionSizes CheckInputs(Tensor query, Tensor key, Tensor value, AttentionCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        var q = CheckInput(query, nameof(query), "D", width);
        if (q.Length is not (2 or 3))
            throw new ArgumentException($"Expected [B, T, D] or [T, D], got {ShapeText.Of(q)}.", nameof(query));
        var sizes = new AttentionSizes(q.Length == 3 ? q[0] : 1, heads, groups, q[^2], 0, headWidth, headWidth);
        if (call.Cache?.Source is { } source)
        {
            var kept = source.Key.shape;
            if (kept[0] != sizes.Batch)
                throw new ArgumentException($"Expected a cache of the query's batch size {sizes.Batch}, got {kept[0]}.", nameof(call));
            return sizes with { KeyLength = kept[2] };
        }
        var k = ReferenceEquals(key, query) && keyWidth == width ? q : CheckInput(key, nameof(key), "kdim", keyWidth);
        var v = ReferenceEquals(value, key) && valueWidth == keyWidth ? k : CheckInput(value, nameof(value), "vdim", valueWidth);
        if (k.Length != q.Length || !k.AsSpan(0, k.Length - 2).SequenceEqual(q.AsSpan(0, q.Length - 2)))
            throw new ArgumentException($"Expected the query's batch, got query {ShapeText.Of(q)}, key {ShapeText.Of(k)}.", nameof(key));
        if (!v.AsSpan(0, v.Length - 1).SequenceEqual(k.AsSpan(0, k.Length - 1)))
            throw new ArgumentException($"Expected the key's sizes {ShapeText.Of(k[..^1])} before the width, got {ShapeText.Of(v[..^1])}.", nameof(value));
        return sizes with { KeyLength = call.Cache?.KeyLength(k[^2]) ?? k[^2] };
    }

    private long[] CheckInput(Tensor tensor, string name, string legend, long expected)
    {
        ArgumentNullException.ThrowIfNull(tensor, name);
        var shape = tensor.shape;
        if (shape.Length < 2 || shape[^1] != expected)
            throw new ArgumentException($"Expected a width of {legend} = {expected}, got {ShapeText.Of(shape)}.", name);
        var weight = outputProjection.weight;
        if (tensor.dtype != weight.dtype)
            throw new ArgumentException($"Expected the parameters' type {weight.dtype}, got {tensor.dtype}.", name);
        if (tensor.device_type != weight.device_type || tensor.device_index != weight.device_index)
            throw new ArgumentException($"Expected the parameters' device {weight.device}, got {tensor.device}.", name);
        return shape;
    }
}
