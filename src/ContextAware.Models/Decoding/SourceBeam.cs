using ContextAware.Models.Data;

namespace ContextAware.Models.Decoding;

/// <summary>What a <see cref="BeamSearch"/> holds for one source.</summary>
internal sealed class SourceBeam(BeamSearchOptions options, int sourceLength)
{
    private const float LeastCoverage = 1e-9f;

    private readonly List<(Beginning Last, double Score)> finished = [];
    private Beginning[] beginnings = [new(null, Vocabulary.Start, 0, 0, null)];
    private int length;

    /// <summary>How many beginnings are kept.</summary>
    public int Count => beginnings.Length;

    /// <summary>Whether the search is over for this source.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The row that each beginning goes on from.</summary>
    public IEnumerable<long> Rows => beginnings.Select(beginning => (long)beginning.Row);

    /// <summary>The last symbol of each beginning.</summary>
    public IEnumerable<long> Tokens => beginnings.Select(beginning => (long)beginning.Token);

    /// <summary>The log-probability of each beginning.</summary>
    public IEnumerable<float> Scores => beginnings.Select(beginning => beginning.LogProbability);

    /// <summary>Takes the best candidates, the likeliest first.</summary>
    /// <param name="scores">Their log-probabilities.</param>
    /// <param name="indices">Their beginnings and symbols: beginning · vocabulary + symbol.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="firstRow">The row of the first beginning.</param>
    /// <param name="weights">Where each row looked; null if nobody asks.</param>
    public void Extend(ReadOnlySpan<float> scores, ReadOnlySpan<long> indices, int vocabulary, int firstRow, float[][]? weights)
    {
        // NaN comes before everything in order of size.
        ModelAnswer.RefuseNaN(scores[0]);
        length++;
        var next = new List<Beginning>(options.Width);
        for (var i = 0; i < scores.Length && next.Count < options.Width && !float.IsNegativeInfinity(scores[i]); i++)
        {
            var (parent, token) = Math.DivRem((int)indices[i], vocabulary);
            var row = firstRow + parent;
            var beginning = new Beginning(beginnings[parent], token, scores[i], row, weights?[row]);
            if (token != Vocabulary.End) next.Add(beginning);
            // An end further down the list would be worse than all that is kept.
            else if (i < options.Width) finished.Add((beginning, Normalize(scores[i], length) + CoverageScore(beginning)));
        }

        // Every source has as many rows as the others: what is missing is filled up with the impossible.
        while (next.Count < options.Width)
            next.Add(new(beginnings[0], Vocabulary.Padding, float.NegativeInfinity, firstRow, weights?[firstRow]));
        beginnings = [.. next];
        IsDone = !CanImprove();
    }

    /// <summary>The best hypotheses: those with an end, and the best beginnings if there are too few.</summary>
    public IReadOnlyList<Hypothesis> Best(bool needWeights)
    {
        var open = beginnings.Where(beginning => float.IsFinite(beginning.LogProbability))
            .Select(beginning => (beginning, Score: Normalize(beginning.LogProbability, length) + CoverageScore(beginning)));
        return [.. finished.OrderByDescending(pair => pair.Score)
            .Concat(open.OrderByDescending(pair => pair.Score))
            .Take(options.Best)
            .Select(pair => Write(pair.Item1, pair.Score, needWeights))];
    }

    // A beginning's log-probability can only fall and coverage only takes away, so this bounds whatever may come of it.
    private bool CanImprove()
    {
        if (finished.Count < options.Best) return true;
        var bar = finished.Select(pair => pair.Score).OrderDescending().ElementAt(options.Best - 1);
        return Normalize(beginnings[0].LogProbability, options.MaximumLength) > bar;
    }

    private double Normalize(double logProbability, int symbols) =>
        options.LengthPenalty == 0 ? logProbability : logProbability / Math.Pow((5.0 + symbols) / 6, options.LengthPenalty);

    private double CoverageScore(Beginning last)
    {
        if (options.CoveragePenalty == 0) return 0;
        var coverage = new float[sourceLength];
        for (var at = last; at.Parent is not null; at = at.Parent)
        {
            for (var i = 0; i < coverage.Length; i++) coverage[i] += at.Weights![i];
        }

        return options.CoveragePenalty * coverage.Sum(part => Math.Log(Math.Clamp(part, LeastCoverage, 1)));
    }

    private Hypothesis Write(Beginning last, double score, bool needWeights)
    {
        var path = new Stack<Beginning>();
        for (var at = last; at.Parent is not null; at = at.Parent) path.Push(at);
        var isComplete = last.Token == Vocabulary.End;
        var tokens = path.Select(at => at.Token).Take(path.Count - (isComplete ? 1 : 0));
        var weights = needWeights && path.All(at => at.Weights is not null)
            ? WeightTable.From([.. path.Select(at => at.Weights!)], sourceLength)
            : null;
        return new([.. tokens], last.LogProbability, score, isComplete, weights);
    }

    /// <summary>A symbol with all before it.</summary>
    private sealed record Beginning(Beginning? Parent, int Token, float LogProbability, int Row, float[]? Weights);
}
