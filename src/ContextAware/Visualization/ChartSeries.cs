namespace ContextAware.Visualization;

/// <summary>A line of a <see cref="LineChart"/>.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Points">Its points, from left to right. One whose value is NaN or infinite leaves a gap.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<(double X, double Y)> Points);
