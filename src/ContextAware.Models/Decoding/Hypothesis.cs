namespace ContextAware.Models.Decoding;

/// <summary>A target that a model wrote.</summary>
/// <param name="Tokens">Its symbols, without start and end.</param>
/// <param name="LogProbability">The sum of the symbols' log-probabilities, the end mark included.</param>
/// <param name="Score">What it was ranked by: the log-probability, over a length penalty and with a coverage penalty where there are any.</param>
/// <param name="IsComplete">Whether the end mark was written; otherwise the length ran out.</param>
/// <param name="Weights">
/// Where the model looked: a row for each symbol, and one for the end mark if it was written; a column for each source
/// symbol. Null unless asked for.
/// </param>
public sealed record Hypothesis(int[] Tokens, double LogProbability, double Score, bool IsComplete, float[,]? Weights);
