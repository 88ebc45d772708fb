namespace ContextAware.Testing;

/// <summary>What <see cref="NaiveAttention"/> found.</summary>
/// <param name="Output">[B,H,T,V].</param>
/// <param name="Weights">[B,H,T,S]; a row sums to one, or is all zero where nothing may be attended to.</param>
/// <param name="Scores">[B,H,T,S]: scale·(q·k), before softcap, bias and mask.</param>
public sealed record NaiveAttentionResult(double[,,,] Output, double[,,,] Weights, double[,,,] Scores);
