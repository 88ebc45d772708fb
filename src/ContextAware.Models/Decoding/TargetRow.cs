using ContextAware.Models.Data;

namespace ContextAware.Models.Decoding;

/// <summary>A target while it is written, a symbol at a time.</summary>
internal sealed class TargetRow(int sourceLength)
{
    private readonly List<int> tokens = [];
    private readonly List<float[]> weights = [];
    private double logProbability;

    /// <summary>Whether the end mark was written.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Writes another symbol; nothing if the target is complete.</summary>
    /// <param name="token">The symbol.</param>
    /// <param name="score">Its log-probability.</param>
    /// <param name="looked">Where the model looked, padding included; empty if nobody asks.</param>
    public void Append(int token, double score, ReadOnlySpan<float> looked)
    {
        if (IsComplete) return;
        ModelAnswer.RefuseNaN(score);
        logProbability += score;
        if (!looked.IsEmpty) weights.Add(looked[..sourceLength].ToArray());
        IsComplete = token == Vocabulary.End;
        if (!IsComplete) tokens.Add(token);
    }

    /// <summary>What was written.</summary>
    public Hypothesis ToHypothesis() =>
        new([.. tokens], logProbability, logProbability, IsComplete, weights.Count > 0 ? WeightTable.From(weights, sourceLength) : null);
}
