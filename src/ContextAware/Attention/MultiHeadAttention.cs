using ContextAware.Caching;
using ContextAware.Masking;
using ContextAware.Positions;
using ContextAware.Products;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// Multi-head attention (Vaswani et al. 2017, section 3.2.2): MultiHead(Q, K, V) = Concat(head₁, …, head_H)·W_O with
/// head_i = Attention(Q·W_Qᵢ, K·W_Kᵢ, V·W_Vᵢ).
/// </summary>
/// <remarks>
/// Shapes: B batch, T query length, S key length, D model width, H heads, G key-value heads, E = D / H. Parameters have the names and
/// layouts of PyTorch's <c>nn.MultiheadAttention</c>, so that its weights load unchanged. Batch first.
/// </remarks>
public sealed partial class MultiHeadAttention : nn.Module<Tensor, Tensor, Tensor, AttentionCall, AttentionResult>, IPackable
{
    private readonly MultiHeadAttentionOptions options;
    private readonly long width;
    private readonly long keyWidth;
    private readonly long valueWidth;
    private readonly long heads;
    private readonly long groups;
    private readonly long headWidth;

    [ComponentName(Name = "in_proj_weight")] private readonly Parameter? packedWeight;
    [ComponentName(Name = "q_proj_weight")] private readonly Parameter? queryWeight;
    [ComponentName(Name = "k_proj_weight")] private readonly Parameter? keyWeight;
    [ComponentName(Name = "v_proj_weight")] private readonly Parameter? valueWeight;
    [ComponentName(Name = "in_proj_bias")] private readonly Parameter? packedBias;
    [ComponentName(Name = "bias_k")] private readonly Parameter? extraKey;
    [ComponentName(Name = "bias_v")] private readonly Parameter? extraValue;
    [ComponentName(Name = "out_proj")] private readonly Linear outputProjection;
    [ComponentName(Name = "q_norm")] private readonly nn.Module<Tensor, Tensor>? queryNorm;
    [ComponentName(Name = "k_norm")] private readonly nn.Module<Tensor, Tensor>? keyNorm;
    [ComponentName(Name = "positions")] private readonly IPositionTransform? positions;
    [ComponentName(Name = "relative_positions")] private readonly ShawPositions? relative;

    /// <summary>Makes the module, initialised as PyTorch does.</summary>
    /// <param name="width">D.</param>
    /// <param name="heads">H, a divisor of D.</param>
    /// <param name="options">Everything else.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or dropout or softcap is out of range.</exception>
    /// <exception cref="ArgumentException">H doesn't divide D, or G doesn't divide H.</exception>
    public MultiHeadAttention(long width, long heads, MultiHeadAttentionOptions? options = null)
        : base(nameof(MultiHeadAttention))
    {
        this.options = options ??= MultiHeadAttentionOptions.Default;
        (this.width, this.heads) = (width, heads);
        (keyWidth, valueWidth, groups) = (options.KeyWidth ?? width, options.ValueWidth ?? width, options.KeyValueHeads ?? heads);
        CheckSizes();
        headWidth = width / heads;

        var keys = groups * headWidth;
        if (keyWidth == width && valueWidth == width)
        {
            packedWeight = OwnParameter.Of(empty(width + 2 * keys, width));
        }
        else
        {
            queryWeight = OwnParameter.Of(empty(width, width));
            keyWeight = OwnParameter.Of(empty(keys, keyWidth));
            valueWeight = OwnParameter.Of(empty(keys, valueWidth));
        }
        packedBias = options.Bias ? OwnParameter.Of(empty(width + 2 * keys)) : null;
        // PyTorch's order, so that the same seed gives the same weights.
        outputProjection = nn.Linear(width, width, options.Bias);
        extraKey = options.AddKeyValueBias ? OwnParameter.Of(empty(1, 1, keys)) : null;
        extraValue = options.AddKeyValueBias ? OwnParameter.Of(empty(1, 1, keys)) : null;
        queryNorm = options.QueryKeyNorm?.Invoke(headWidth);
        keyNorm = options.QueryKeyNorm?.Invoke(headWidth);
        positions = options.Positions;
        relative = MakeRelative();
        RegisterComponents();
        Initialise();
    }

    /// <summary>H.</summary>
    public long HeadCount => heads;

    /// <summary>G.</summary>
    public long KeyValueHeadCount => groups;

    /// <summary>E.</summary>
    public long HeadWidth => headWidth;

    /// <summary>A parameter, whose dtype and device inputs must have.</summary>
    internal Tensor Standard => outputProjection.weight;

    /// <summary>The weights of the way in, which are no <c>Linear</c>'s.</summary>
    internal IEnumerable<Tensor> ProjectionWeights => new[] { packedWeight, queryWeight, keyWeight, valueWeight }.OfType<Tensor>();

    IEnumerable<Tensor> IPackable.ProductWeights => ProjectionWeights.Append(outputProjection.weight);

    /// <summary>Attends.</summary>
    /// <param name="query">[B, T, D], or [T, D] without a batch.</param>
    /// <param name="key">[B, S, kdim]; null: the query, which is self-attention.</param>
    /// <param name="value">[B, S, vdim]; null: the key.</param>
    /// <param name="mask">Which query may attend to which key; null hides nothing.</param>
    /// <param name="bias">Added to the scores, [T, S] or [B, H, T, S]; a size of 1 serves all.</param>
    /// <param name="needWeights">Whether to return the weights.</param>
    /// <param name="averageWeights">Whether to average them over the heads.</param>
    /// <param name="cache">Keys and values of earlier steps, or of a complete source; key and value are then not looked at. What
    /// the cache hides (<see cref="KeyValueCache.Mask"/>) is hidden besides the mask, and rows of unequal length have their own positions.
    /// Over a complete source queries have no past: their positions, if there are any, count from 0 in each call.</param>
    /// <returns>Output [B, T, D]; weights [B, H, T, S], or [B, T, S] if averaged. Without B if the query came without.</returns>
    /// <exception cref="ArgumentException">Sizes, types or devices don't fit.</exception>
    public AttentionResult call(
        Tensor query, Tensor? key = null, Tensor? value = null, AttentionMask? mask = null, Tensor? bias = null,
        bool needWeights = false, bool averageWeights = false, KeyValueCache? cache = null)
    {
        key ??= query;
        return base.call(query, key, value ?? key, new()
        {
            Mask = mask ?? AttentionMask.None,
            Bias = bias,
            NeedWeights = needWeights,
            AverageWeights = averageWeights,
            Cache = cache,
        });
    }

    /// <inheritdoc/>
    public override AttentionResult forward(Tensor query, Tensor key, Tensor value, AttentionCall call)
    {
        var sizes = CheckInputs(query, key, value, call);
        using var scope = NewDisposeScope();
        (call, var attention) = Prepare(query, call, sizes);
        (key, value) = WithoutHidden(query, key, value, call, sizes);
        var batched = query.Dimensions == 3;
        var ids = positions is null && relative is null ? null : call.Cache?.Positions(sizes.QueryLength);
        var (q, k, v) = ProjectToHeads(query, key, value, call, ids, batched);   // [B, H, T, E], [B, G, S, E], [B, G, S, E]
        if (extraKey is not null || options.AddZeroAttention)
            (k, v, attention, sizes) = AppendExtraKeys(k, v, attention, sizes);

        var (output, weights) = relative is null                                       // [B, H, T, E], [B, H, T, S] or [B, T, S]
            ? AttentionDispatch.Run(q, k, v, attention, sizes)
            : RunRelative(q, k, v, attention, sizes, ids);
        output = Dense.Apply(Heads.Combine(output), outputProjection);                       // [B, T, D]
        if (!batched)
            (output, weights) = (output.squeeze(0), weights?.squeeze(0));
        return new(output.MoveToOuterDisposeScope(), weights?.MoveToOuterDisposeScope());
    }

    /// <summary>Throws as <c>forward</c> would, before anything is taken into a cache.</summary>
    internal void Check(Tensor query, Tensor key, Tensor value, AttentionCall call)
    {
        var sizes = CheckInputs(query, key, value, call);
        using var scope = NewDisposeScope();
        Prepare(query, call, sizes);
    }

    private (AttentionCall Call, AttentionOptions Attention) Prepare(Tensor query, AttentionCall call, in AttentionSizes sizes)
    {
        if (call.Cache is { } cache && sizes.QueryLength > 0 && cache.Combine(call.Mask, sizes.QueryLength) is var combined && combined != call.Mask)
            call = call with { Mask = combined };
        return (call, Attention(call, sizes, query));
    }

    private AttentionOptions Attention(AttentionCall call, in AttentionSizes sizes, Tensor query)
    {
        var attention = new AttentionOptions
        {
            Mask = call.Mask,
            Bias = call.Bias,
            NeedWeights = call.NeedWeights,
            AverageWeights = call.AverageWeights,
            Scale = options.Scale,
            Softcap = options.Softcap,
            Dropout = training ? options.Dropout : 0,
        };
        AttentionChecks.Options(attention, sizes, 4, query);
        if (call.Cache is not null)     // which must not take in anything in vain
            new Visibility(call.Mask, null, sizes, query.device).Check();
        return attention;
    }

    /// <summary>
    /// Empties what mask and bias hide from all queries where it isn't finite: 0·NaN would reach the gradients of the
    /// projections. Keys that are the queries themselves keep it, as their own queries see it.
    /// </summary>
    private static (Tensor Key, Tensor Value) WithoutHidden(Tensor query, Tensor key, Tensor value, AttentionCall call, in AttentionSizes sizes)
    {
        var (ownKeys, oneSource) = (ReferenceEquals(query, key), ReferenceEquals(key, value));
        if (call.Cache is not null || (call.Mask == AttentionMask.None && call.Bias is null) || (ownKeys && oneSource) || !is_grad_enabled() || NonFiniteGuard.AllFinite(key, value))
            return (key, value);
        var bias = call.Bias?.view(AttentionDispatch.BiasShape(call.Bias.shape));
        var visibility = new Visibility(call.Mask, bias, sizes, key.device);
        visibility.Check();
        if (visibility.Allowed(0, sizes.QueryLength) is not { } allowed)
            return (key, value);
        var hidden = HiddenKeys.Of(allowed.any(1));                                    // [B or 1, S or 1, 1]
        if (key.Dimensions == 2)
            hidden = hidden.squeeze(0);
        var cleared = ownKeys ? key : HiddenKeys.Clear(key, hidden);
        return (cleared, oneSource ? cleared : HiddenKeys.Clear(value, hidden));
    }

    /// <summary>A learned key and value, and one of zeros, after those that came in. Every query sees them.</summary>
    private (Tensor Key, Tensor Value, AttentionOptions Attention, AttentionSizes Sizes) AppendExtraKeys(
        Tensor key, Tensor value, AttentionOptions attention, in AttentionSizes sizes)
    {
        new Visibility(attention.Mask, null, sizes, key.device).Check();
        List<Tensor> keys = [key], values = [value];
        if (extraKey is not null)
        {
            keys.Add(Heads.Split(extraKey, groups, headWidth).expand(sizes.Batch, -1, -1, -1));            // [B, G, 1, E]
            values.Add(Heads.Split(extraValue!, groups, headWidth).expand(sizes.Batch, -1, -1, -1));
        }
        if (options.AddZeroAttention)
        {
            var zero = zeros([sizes.Batch, groups, 1, headWidth], key.dtype, key.device);
            keys.Add(zero);
            values.Add(zero);
        }
        var extra = keys.Count - 1;
        var bias = attention.Bias;
        if (bias is not null)
        {
            var shape = bias.shape;
            shape[^1] = sizes.KeyLength;
            bias = nn.functional.pad(bias.expand(shape), (0, extra));                  // [.., T, S + extra]
        }
        return (
            cat(keys, 2), cat(values, 2),                                              // [B, G, S + extra, E]
            attention with { Bias = bias, Mask = attention.Mask == AttentionMask.None ? attention.Mask : new ExtraKeysMask(attention.Mask, extra) },
            sizes with { KeyLength = sizes.KeyLength + extra });
    }
}
