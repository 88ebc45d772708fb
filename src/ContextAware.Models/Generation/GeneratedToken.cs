namespace ContextAware.Models.Generation;

/// <summary>One more token of a text.</summary>
/// <param name="Row">Which prompt it goes on from, from 0.</param>
/// <param name="Token">The token.</param>
public readonly record struct GeneratedToken(int Row, int Token);
