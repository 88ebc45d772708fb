using ContextAware.Models.Data;
using static TorchSharp.torch;

namespace ContextAware.Models.Decoding;

/// <summary>Keeps the likeliest beginnings at every step, for all sources side by side.</summary>
/// <remarks>
/// A source leaves the batch when no beginning of it can beat what it has finished. Scores and tokens of the candidates
/// come to the CPU at each step, and nothing else does; nothing is concatenated.
/// Shapes: N rows (sources times beams), V vocabulary, S source length.
/// </remarks>
public sealed class BeamSearch
{
    private readonly ISequenceModel model;
    private readonly BeamSearchOptions options;

    /// <summary>Takes the model; put it in eval mode.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public BeamSearch(ISequenceModel model, BeamSearchOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Width, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Best, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Best, options.Width, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaximumLength, nameof(options));
        if (!(options.LengthPenalty >= 0)) throw new ArgumentOutOfRangeException(nameof(options), options.LengthPenalty, "Expected a length penalty of at least 0.");
        if (!(options.CoveragePenalty >= 0)) throw new ArgumentOutOfRangeException(nameof(options), options.CoveragePenalty, "Expected a coverage penalty of at least 0.");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.AtOnce, nameof(options));
        this.model = model;
        this.options = options;
    }

    /// <summary>Writes targets for each source, the best first.</summary>
    /// <param name="sources">The sources, none of them empty.</param>
    /// <param name="device">Where the model is; the CPU if null.</param>
    /// <param name="needWeights">Whether to return the attention weights.</param>
    /// <returns>
    /// For each source its hypotheses: at least one, at most <see cref="BeamSearchOptions.Best"/>. Those that reached their end
    /// come first; what was still being written when the length ran out only fills up.
    /// </returns>
    /// <exception cref="ArgumentException">There is no source, or one is empty.</exception>
    /// <exception cref="InvalidOperationException">
    /// The coverage penalty needs attention weights, and the model gives none; or the model gives NaN.
    /// </exception>
    public IReadOnlyList<IReadOnlyList<Hypothesis>> Decode(IReadOnlyList<int[]> sources, Device? device = null, bool needWeights = false) =>
        DecodingParts.Decode(sources, options.AtOnce, part =>
        {
            using var scope = NewDisposeScope();
            var (source, lengths) = SequenceBatch.PadSources(part, device);
            return Decode(source, lengths, needWeights);
        });

    /// <summary>Writes targets for each row of a tensor that the model reads: pictures, say.</summary>
    /// <param name="source">What <see cref="ISequenceModel.Start"/> takes, on the model's device.</param>
    /// <param name="sourceLengths">How many places of each row may be looked at <c>[B]</c> int64 on the CPU: the columns of its weights.</param>
    /// <param name="needWeights">Whether to return the attention weights.</param>
    /// <returns>For each row its hypotheses, the best first.</returns>
    /// <exception cref="ArgumentException">The model can't read it.</exception>
    public IReadOnlyList<IReadOnlyList<Hypothesis>> Decode(Tensor source, Tensor sourceLengths, bool needWeights = false)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(sourceLengths);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var session = model.Start(source, sourceLengths);
        var beams = Array.ConvertAll(sourceLengths.data<long>().ToArray(), length => new SourceBeam(options, (int)length));
        var device = source.device;
        var live = beams.ToList();
        for (var step = 0; step < options.MaximumLength && live.Count > 0; step++)
        {
            using var stepScope = NewDisposeScope();
            if (step > 0) session.Reorder([.. live.SelectMany(beam => beam.Rows)]);
            var answer = session.Advance(tensor(live.SelectMany(beam => beam.Tokens).ToArray(), device: device));
            if (options.CoveragePenalty > 0 && answer.Weights is null)
                throw new InvalidOperationException("The coverage penalty needs attention weights, and the model gives none.");
            var weights = (needWeights || options.CoveragePenalty > 0) && answer.Weights is not null ? Rows(answer.Weights) : null;
            Extend(live, answer.Logits, weights);
            live.RemoveAll(beam => beam.IsDone);
        }

        return Array.ConvertAll(beams, beam => beam.Best(needWeights));
    }

    // The rows of each source's beam lie side by side, as many for one source as for another.
    private void Extend(List<SourceBeam> live, Tensor logits, float[][]? weights)
    {
        var vocabulary = (int)logits.shape[1];
        var beginnings = live[0].Count;
        var candidates = Math.Min(2 * options.Width, beginnings * vocabulary);
        var before = tensor(live.SelectMany(beam => beam.Scores).ToArray(), device: logits.device).unsqueeze(1);   // [N,1]
        var totals = (logits.to(float32).log_softmax(-1) + before).view(live.Count, beginnings * vocabulary);
        var (best, places) = totals.topk(candidates);
        var (scores, indices) = (best.cpu().data<float>().ToArray(), places.cpu().data<long>().ToArray());
        for (var i = 0; i < live.Count; i++)
        {
            var part = new Range(i * candidates, (i + 1) * candidates);
            live[i].Extend(scores.AsSpan(part), indices.AsSpan(part), vocabulary, firstRow: i * beginnings, weights);
        }
    }

    private static float[][] Rows(Tensor weights)
    {
        var width = (int)weights.shape[1];
        return [.. weights.to(float32).cpu().data<float>().ToArray().Chunk(width)];
    }
}
