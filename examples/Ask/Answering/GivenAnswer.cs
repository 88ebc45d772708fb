namespace Ask.Answering;

/// <summary>An answer, and where the model looked.</summary>
/// <param name="Text">The answer.</param>
/// <param name="Maps">Each map over the grid of places <c>[rows, columns]</c>.</param>
public sealed record GivenAnswer(string Text, IReadOnlyList<float[,]> Maps);
