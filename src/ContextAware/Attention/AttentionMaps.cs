using ContextAware.Visualization;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>Makes pictures of what a result looked at.</summary>
public static class AttentionMaps
{
    /// <summary>The weights of one example of a batch, as a map of every head.</summary>
    /// <param name="result">A result with weights <c>[B,T,S]</c> or <c>[B,H,T,S]</c>.</param>
    /// <param name="rowLabels">A label for each query; queries beyond them are padding and left out.</param>
    /// <param name="columnLabels">A label for each key; keys beyond them are padding and left out.</param>
    /// <param name="title">Stands above the picture.</param>
    /// <param name="example">Which example of the batch.</param>
    /// <exception cref="ArgumentException">There are no weights, of other rank, or fewer of them than labels.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public static AttentionMap ToMap(this AttentionResult result, IReadOnlyList<string> rowLabels, IReadOnlyList<string> columnLabels, string? title = null, long example = 0)
    {
        ArgumentNullException.ThrowIfNull(result);
        return ToMap([result], rowLabels, columnLabels, title, example);
    }

    /// <summary>The weights of one example in several layers, as a map of every head of each.</summary>
    /// <param name="layers">The layers' results, all of one shape.</param>
    /// <param name="rowLabels">A label for each query; queries beyond them are padding and left out.</param>
    /// <param name="columnLabels">A label for each key; keys beyond them are padding and left out.</param>
    /// <param name="title">Stands above the picture.</param>
    /// <param name="example">Which example of the batch.</param>
    /// <inheritdoc cref="ToMap(AttentionResult, IReadOnlyList{string}, IReadOnlyList{string}, string?, long)"/>
    public static AttentionMap ToMap(this IReadOnlyList<AttentionResult> layers, IReadOnlyList<string> rowLabels, IReadOnlyList<string> columnLabels, string? title = null, long example = 0)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentNullException.ThrowIfNull(rowLabels);
        ArgumentNullException.ThrowIfNull(columnLabels);
        if (layers.Count == 0) throw new ArgumentException("Expected at least one result, got none.", nameof(layers));
        using var scope = NewDisposeScope();
        var weights = layers.Select(layer => layer?.Weights ?? throw new ArgumentException("Expected results with weights: ask for them when calling the module.", nameof(layers))).ToArray();
        var shape = weights[0].shape;
        if (shape.Length is not (3 or 4)) throw new ArgumentException($"Expected weights [B,T,S] or [B,H,T,S], got {ShapeText.Of(shape)}.", nameof(layers));
        if (weights.FirstOrDefault(other => !other.shape.SequenceEqual(shape)) is { } other)
            throw new ArgumentException($"Expected weights of one shape, got {ShapeText.Of(shape)} and {ShapeText.Of(other)}.", nameof(layers));
        if (example < 0 || example >= shape[0]) throw new ArgumentOutOfRangeException(nameof(example), example, $"Expected 0 to {shape[0] - 1}.");
        if (rowLabels.Count > shape[^2]) throw new ArgumentException($"Expected at most {shape[^2]} labels for the rows, got {rowLabels.Count}.", nameof(rowLabels));
        if (columnLabels.Count > shape[^1]) throw new ArgumentException($"Expected at most {shape[^1]} labels for the columns, got {columnLabels.Count}.", nameof(columnLabels));
        var heads = shape.Length == 4 ? (int)shape[1] : 1;
        var shown = stack(weights.Select(layer => layer.detach()[example].narrow(-2, 0, rowLabels.Count).narrow(-1, 0, columnLabels.Count)));   // [L,(H,)T,S]
        return AttentionMap.FromFlat([.. shown.to(float32).cpu().contiguous().data<float>()], layers.Count, heads, rowLabels, columnLabels, title);
    }
}
