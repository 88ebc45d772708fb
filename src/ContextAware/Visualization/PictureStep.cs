namespace ContextAware.Visualization;

/// <summary>One look at a picture.</summary>
/// <param name="Label">What it was for: a word of a caption, the name of a map.</param>
/// <param name="Weights">Where it went <c>[rows, columns]</c>, over the whole picture; finite and not negative.</param>
public sealed record PictureStep(string Label, float[,] Weights);
