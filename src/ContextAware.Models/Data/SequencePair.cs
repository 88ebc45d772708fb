namespace ContextAware.Models.Data;

/// <summary>One example: a source sequence and the target it should become, as numbers of their vocabularies.</summary>
/// <param name="Source">The source, without start and end; not empty.</param>
/// <param name="Target">The target, without start and end.</param>
public sealed record SequencePair(int[] Source, int[] Target);
