namespace ContextAware.Visualization;

/// <summary>
/// Attention weights with names on both axes: what the renderers draw. Rows are the steps that attend (targets),
/// columns what they attend to (sources). Holds one picture, or one for every head of every layer.
/// </summary>
/// <remarks>Plain numbers: copy a tensor's data out first. Values are usually weights in [0, 1], but may be any finite scores.</remarks>
public sealed class AttentionMap
{
    private readonly float[] weights; // [layers, heads, rows, columns]

    /// <summary>A map of one head.</summary>
    /// <param name="weights">[rows, columns].</param>
    /// <param name="rowLabels">A label for each row.</param>
    /// <param name="columnLabels">A label for each column.</param>
    /// <param name="title">Stands above the picture.</param>
    /// <exception cref="ArgumentException">Labels don't match in number, or a weight is NaN or infinite.</exception>
    public AttentionMap(float[,] weights, IReadOnlyList<string> rowLabels, IReadOnlyList<string> columnLabels, string? title = null)
        : this(Flatten(weights), 1, 1, weights.GetLength(0), weights.GetLength(1), rowLabels, columnLabels, title)
    {
    }

    /// <summary>A map of many layers and heads.</summary>
    /// <param name="weights">[layers, heads, rows, columns].</param>
    /// <param name="rowLabels">A label for each row.</param>
    /// <param name="columnLabels">A label for each column.</param>
    /// <param name="title">Stands above the picture.</param>
    /// <exception cref="ArgumentException">No layer or head, labels that don't match in number, or a weight that is NaN or infinite.</exception>
    public AttentionMap(float[,,,] weights, IReadOnlyList<string> rowLabels, IReadOnlyList<string> columnLabels, string? title = null)
        : this(Flatten(weights), weights.GetLength(0), weights.GetLength(1), weights.GetLength(2), weights.GetLength(3), rowLabels, columnLabels, title)
    {
    }

    private AttentionMap(float[] weights, int layers, int heads, int rows, int columns, IReadOnlyList<string> rowLabels, IReadOnlyList<string> columnLabels, string? title)
    {
        if (layers < 1 || heads < 1)
            throw new ArgumentException($"Expected at least one layer and one head, got {layers} and {heads}.", nameof(weights));
        (Layers, Heads) = (layers, heads);
        RowLabels = Copy(rowLabels, rows, "rows", nameof(rowLabels));
        ColumnLabels = Copy(columnLabels, columns, "columns", nameof(columnLabels));
        Title = title;
        this.weights = weights;
        for (var i = 0; i < weights.Length; i++)
            if (!float.IsFinite(weights[i]))
                throw new ArgumentException($"The weight at {Position(i)} is {weights[i]}; expected a finite number.", nameof(weights));
        Low = Math.Min(0, weights.DefaultIfEmpty(0).Min());
        High = Math.Max(0, weights.DefaultIfEmpty(0).Max());
        if (High == Low)
            High = Low + 1;
    }

    /// <summary>Stands above the picture; may be null.</summary>
    public string? Title { get; }

    /// <summary>What the rows are ("phones"); may be null.</summary>
    public string? RowAxis { get; init; }

    /// <summary>What the columns are ("letters"); may be null.</summary>
    public string? ColumnAxis { get; init; }

    /// <summary>A label for each row.</summary>
    public IReadOnlyList<string> RowLabels { get; }

    /// <summary>A label for each column.</summary>
    public IReadOnlyList<string> ColumnLabels { get; }

    /// <summary>The number of rows.</summary>
    public int Rows => RowLabels.Count;

    /// <summary>The number of columns.</summary>
    public int Columns => ColumnLabels.Count;

    /// <summary>The number of layers, at least one.</summary>
    public int Layers { get; }

    /// <summary>The number of heads in each layer, at least one.</summary>
    public int Heads { get; }

    /// <summary>The lower end of the colour scale: 0, or the lowest value where that is negative.</summary>
    public float Low { get; }

    /// <summary>The upper end of the colour scale: the highest value of all heads.</summary>
    public float High { get; }

    /// <summary>One value.</summary>
    public float this[int layer, int head, int row, int column]
    {
        get
        {
            Check(column, Columns, nameof(column));
            return Row(layer, head, row)[column];
        }
    }

    /// <summary>Builds a map from numbers in row-major order, as a tensor's data comes.</summary>
    /// <param name="weights">[layers · heads · rows · columns].</param>
    /// <param name="layers">The number of layers.</param>
    /// <param name="heads">The number of heads in each.</param>
    /// <param name="rowLabels">A label for each row.</param>
    /// <param name="columnLabels">A label for each column.</param>
    /// <param name="title">Stands above the picture.</param>
    /// <exception cref="ArgumentException">Another number of weights, or a weight that is NaN or infinite.</exception>
    public static AttentionMap FromFlat(ReadOnlySpan<float> weights, int layers, int heads, IReadOnlyList<string> rowLabels, IReadOnlyList<string> columnLabels, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(rowLabels);
        ArgumentNullException.ThrowIfNull(columnLabels);
        int rows = rowLabels.Count, columns = columnLabels.Count;
        if (weights.Length != (long)layers * heads * rows * columns)
            throw new ArgumentException($"Expected {layers} layers × {heads} heads × {rows} rows × {columns} columns, got {weights.Length} weights.", nameof(weights));
        return new(weights.ToArray(), layers, heads, rows, columns, rowLabels, columnLabels, title);
    }

    /// <summary>A single vector, drawn as one column.</summary>
    /// <param name="weights">One weight for each label.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="title">Stands above the picture.</param>
    public static AttentionMap FromVector(ReadOnlySpan<float> weights, IReadOnlyList<string> labels, string? title = null)
        => FromFlat(weights, 1, 1, labels, [""], title);

    /// <summary>One row, [columns].</summary>
    public ReadOnlySpan<float> Row(int layer, int head, int row)
    {
        Check(layer, Layers, nameof(layer));
        Check(head, Heads, nameof(head));
        Check(row, Rows, nameof(row));
        return weights.AsSpan(((layer * Heads + head) * Rows + row) * Columns, Columns);
    }

    /// <summary>One head as a map of its own.</summary>
    public AttentionMap Head(int layer, int head)
    {
        Check(layer, Layers, nameof(layer));
        Check(head, Heads, nameof(head));
        var size = Rows * Columns;
        return Like(weights.AsSpan((layer * Heads + head) * size, size).ToArray(), Caption(layer, head) is { } caption ? Join(Title, caption) : Title);
    }

    /// <summary>The mean over all layers and heads.</summary>
    public AttentionMap Mean()
    {
        int size = Rows * Columns, count = Layers * Heads;
        var sums = new double[size];
        for (var i = 0; i < weights.Length; i++)
            sums[i % size] += weights[i];
        return Like([.. sums.Select(s => (float)(s / count))], count == 1 ? Title : Join(Title, $"mean of {count} heads"));
    }

    /// <summary>"layer 1 · head 2", without what there is only one of; null where there is one of both.</summary>
    internal string? Caption(int layer, int head) => (Layers, Heads) switch
    {
        (1, 1) => null,
        (1, _) => $"head {head + 1}",
        (_, 1) => $"layer {layer + 1}",
        _ => $"layer {layer + 1} · head {head + 1}",
    };

    /// <summary>All values, [layers · heads · rows · columns].</summary>
    internal ReadOnlySpan<float> Flat => weights;

    /// <summary>Where a value lies on the colour scale, 0 to 1.</summary>
    internal double Share(float value) => ((double)value - Low) / ((double)High - Low);

    private AttentionMap Like(float[] values, string? title)
        => new(values, 1, 1, Rows, Columns, RowLabels, ColumnLabels, title) { RowAxis = RowAxis, ColumnAxis = ColumnAxis };

    private static string Join(string? title, string caption) => string.IsNullOrEmpty(title) ? caption : $"{title} · {caption}";

    private string Position(int flat)
    {
        var (rest, column) = Math.DivRem(flat, Columns);
        (rest, var row) = Math.DivRem(rest, Rows);
        var (layer, head) = Math.DivRem(rest, Heads);
        return (Layers, Heads) is (1, 1) ? $"[{row}, {column}]" : $"[{layer}, {head}, {row}, {column}]";
    }

    private static string[] Copy(IReadOnlyList<string> labels, int count, string what, string name)
    {
        ArgumentNullException.ThrowIfNull(labels, name);
        if (labels.Count != count)
            throw new ArgumentException($"Expected {count} labels for {count} {what}, got {labels.Count}.", name);
        return [.. labels.Select((label, i) => label ?? throw new ArgumentException($"Label {i} is null.", name))];
    }

    private static float[] Flatten(Array weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        var flat = new float[weights.Length];
        Buffer.BlockCopy(weights, 0, flat, 0, sizeof(float) * flat.Length);
        return flat;
    }

    private static void Check(int index, int count, string name)
    {
        if ((uint)index >= (uint)count)
            throw new ArgumentOutOfRangeException(name, index, $"Expected 0 to {count - 1}.");
    }
}
