namespace Pronounce.Speech;

/// <summary>How the model pronounces a word.</summary>
/// <param name="Word">The word.</param>
/// <param name="Phones">Its phones.</param>
/// <param name="Weights">
/// Where the model looked: a row for each phone, and one for the end if it was reached; a column for each letter. Null
/// unless asked for.
/// </param>
public sealed record Pronunciation(string Word, IReadOnlyList<string> Phones, float[,]? Weights);
