using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>Checks what comes in, before any of it reaches libtorch.</summary>
internal static class AttentionChecks
{
    /// <summary>Reads the sizes of [B, H, T, E], [B, G, S, E], [B, G, S, V], or of [B, T, E], [B, S, E], [B, S, V].</summary>
    internal static AttentionSizes Sizes(Tensor query, Tensor key, Tensor value, int? dimensions = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        var (q, k, v) = (query.shape, key.shape, value.shape);
        if (q.Length is not (3 or 4) || q.Length != (dimensions ?? q.Length))
            throw new ArgumentException($"Expected [B, H, T, E]{(dimensions is null ? " or [B, T, E]" : "")}, got {ShapeText.Of(q)}.", nameof(query));
        AlikeIn(query, key, nameof(key), q, k);
        AlikeIn(query, value, nameof(value), q, v);
        Floating(query, nameof(query));

        var heads = q.Length == 4 ? q[1] : 1;
        var groups = q.Length == 4 ? k[1] : 1;
        if (k[0] != q[0])
            throw new ArgumentException($"Expected the query's batch size {q[0]}, got {k[0]}: query {ShapeText.Of(q)}, key {ShapeText.Of(k)}.", nameof(key));
        if (k[^1] != q[^1])
            throw new ArgumentException($"Expected the query's width {q[^1]}, got {k[^1]}: query {ShapeText.Of(q)}, key {ShapeText.Of(k)}.", nameof(key));
        if (groups == 0 || heads == 0 || heads % groups != 0)
            throw new ArgumentException($"Expected a number of key heads that divides the {heads} query heads, got {groups}: query {ShapeText.Of(q)}, key {ShapeText.Of(k)}.", nameof(key));
        if (!v.AsSpan(0, v.Length - 1).SequenceEqual(k.AsSpan(0, k.Length - 1)))
            throw new ArgumentException($"Expected the key's sizes {ShapeText.Of(k[..^1])} before the width, got {ShapeText.Of(v[..^1])}: key {ShapeText.Of(k)}, value {ShapeText.Of(v)}.", nameof(value));
        return new(q[0], heads, groups, q[^2], k[^2], q[^1], v[^1]);
    }

    internal static void Options(AttentionOptions options, in AttentionSizes sizes, int dimensions, Tensor query)
    {
        ArgumentNullException.ThrowIfNull(options.Mask, nameof(options));
        Scale(options.Scale);
        Softcap(options.Softcap);
        Dropout(options.Dropout);
        if (options.Bias is { } bias)
            Bias(bias, sizes, dimensions, query, nameof(query));
        if (options.Path is { } path && !Enum.IsDefined(path))
            throw new ArgumentOutOfRangeException(nameof(options), path, $"Expected a path that exists, got {path}.");
    }

    internal static void Scale(double? scale)
    {
        if (scale is { } factor && !double.IsFinite(factor))
            throw new ArgumentOutOfRangeException(nameof(scale), factor, $"Expected a finite scale, got {factor}.");
    }

    internal static void Softcap(double softcap)
    {
        if (!(softcap >= 0) || !double.IsFinite(softcap))
            throw new ArgumentOutOfRangeException(nameof(softcap), softcap, $"Expected a softcap of 0 (none) or more, got {softcap}.");
    }

    internal static void Dropout(double dropout)
    {
        if (!(dropout >= 0 && dropout <= 1))
            throw new ArgumentOutOfRangeException(nameof(dropout), dropout, $"Expected a dropout from 0 to 1, got {dropout}.");
    }

    /// <summary>Checks a bias against the sizes of a call, and its device against that of a tensor.</summary>
    internal static void Bias(Tensor bias, in AttentionSizes sizes, int dimensions, Tensor standard, string of)
    {
        long[] expected = dimensions == 4
            ? [sizes.Batch, sizes.Heads, sizes.QueryLength, sizes.KeyLength]
            : [sizes.Batch, sizes.QueryLength, sizes.KeyLength];
        var actual = bias.shape;
        if (!is_floating_point(bias))
            throw new ArgumentException($"Expected a floating-point bias, got {bias.dtype}. What may be attended to is the mask's matter.", nameof(bias));
        if (!OnDeviceOf(standard, bias))
            throw new ArgumentException($"Expected the {of}'s device {standard.device}, got {bias.device}.", nameof(bias));
        var fits = (actual.Length == 2 || actual.Length == dimensions)
            && actual.Reverse().Zip(expected.Reverse(), (a, e) => a == e || a == 1).All(ok => ok);
        if (!fits)
            throw new ArgumentException($"Expected a bias of {ShapeText.Of(expected)} or {ShapeText.Of(expected[^2..])} (1 serves all), got {ShapeText.Of(actual)}.", nameof(bias));
    }

    /// <summary>Whether two tensors lie on the same device.</summary>
    internal static bool OnDeviceOf(Tensor standard, Tensor other) =>
        other.device_type == standard.device_type && other.device_index == standard.device_index;

    /// <summary>Checks scores or weights.</summary>
    internal static void Floating(Tensor tensor, string name)
    {
        ArgumentNullException.ThrowIfNull(tensor, name);
        if (!is_floating_point(tensor))
            throw new ArgumentException($"Expected a floating-point type, got {tensor.dtype}.", name);
    }

    private static void AlikeIn(Tensor query, Tensor other, string name, long[] queryShape, long[] otherShape)
    {
        if (otherShape.Length != queryShape.Length)
            throw new ArgumentException($"Expected the query's {queryShape.Length} dimensions, got {otherShape.Length}: query {ShapeText.Of(queryShape)}, {name} {ShapeText.Of(otherShape)}.", name);
        if (other.dtype != query.dtype)
            throw new ArgumentException($"Expected the query's type {query.dtype}, got {other.dtype}.", name);
        if (!OnDeviceOf(query, other))
            throw new ArgumentException($"Expected the query's device {query.device}, got {other.device}.", name);
    }
}
