namespace ContextAware.Attention;

/// <summary>How attention will be computed.</summary>
/// <param name="Path">The path.</param>
/// <param name="Reason">Why this one, in words: for a person wondering where the speed went.</param>
public sealed record AttentionPlan(AttentionPath Path, string Reason);
