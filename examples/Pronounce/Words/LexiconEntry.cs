namespace Pronounce.Words;

/// <summary>A word and every way it is pronounced, the usual way first.</summary>
/// <param name="Word">The word in capitals.</param>
/// <param name="Pronunciations">Its pronunciations, each a list of phones; at least one.</param>
public sealed record LexiconEntry(string Word, IReadOnlyList<IReadOnlyList<string>> Pronunciations);
