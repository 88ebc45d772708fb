using ContextAware.Models.Data;
using static TorchSharp.torch;

namespace ContextAware.Models.Decoding;

/// <summary>Takes the likeliest symbol at every step.</summary>
/// <param name="model">The model; put it in eval mode.</param>
/// <param name="maximumLength">The most symbols to write, the end mark included.</param>
/// <param name="atOnce">How many parts of a list of sources are written side by side: <see cref="BeamSearchOptions.AtOnce"/>.</param>
public sealed class GreedyDecoder(ISequenceModel model, int maximumLength = 100, int atOnce = 1)
{
    private readonly int atOnce = atOnce > 0
        ? atOnce
        : throw new ArgumentOutOfRangeException(nameof(atOnce), atOnce, "Expected at least 1.");

    private readonly int maximumLength = maximumLength > 0
        ? maximumLength
        : throw new ArgumentOutOfRangeException(nameof(maximumLength), maximumLength, "Expected at least 1.");

    /// <summary>Writes a target for each source.</summary>
    /// <param name="sources">The sources, none of them empty.</param>
    /// <param name="device">Where the model is; the CPU if null.</param>
    /// <param name="needWeights">Whether to return the attention weights.</param>
    /// <exception cref="ArgumentException">There is no source, or one is empty.</exception>
    /// <exception cref="InvalidOperationException">The model gives NaN.</exception>
    public IReadOnlyList<Hypothesis> Decode(IReadOnlyList<int[]> sources, Device? device = null, bool needWeights = false) =>
        DecodingParts.Decode(sources, atOnce, part =>
        {
            using var scope = NewDisposeScope();
            var (source, lengths) = SequenceBatch.PadSources(part, device);
            return Decode(source, lengths, needWeights);
        });

    /// <summary>Writes a target for each row of a tensor that the model reads: pictures, say.</summary>
    /// <param name="source">What <see cref="ISequenceModel.Start"/> takes, on the model's device.</param>
    /// <param name="sourceLengths">How many places of each row may be looked at <c>[B]</c> int64 on the CPU: the columns of its weights.</param>
    /// <param name="needWeights">Whether to return the attention weights.</param>
    /// <exception cref="ArgumentException">The model can't read it.</exception>
    /// <exception cref="InvalidOperationException">The model gives NaN.</exception>
    public IReadOnlyList<Hypothesis> Decode(Tensor source, Tensor sourceLengths, bool needWeights = false)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(sourceLengths);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var session = model.Start(source, sourceLengths);
        var rows = Array.ConvertAll(sourceLengths.data<long>().ToArray(), length => new TargetRow((int)length));
        var tokens = full([rows.Length], Vocabulary.Start, int64, source.device);
        for (var step = 0; step < maximumLength && !Array.TrueForAll(rows, row => row.IsComplete); step++)
        {
            using var stepScope = NewDisposeScope();
            var answer = session.Advance(tokens);
            var (best, next) = answer.Logits.to(float32).log_softmax(-1).max(-1);         // [B] each
            var weights = needWeights ? answer.Weights?.to(float32).cpu().data<float>().ToArray() : null;
            var (scores, symbols) = (best.cpu().data<float>().ToArray(), next.cpu().data<long>().ToArray());
            var width = weights is null ? 0 : weights.Length / rows.Length;
            for (var row = 0; row < rows.Length; row++)
                rows[row].Append((int)symbols[row], scores[row], weights.AsSpan(row * width, width));
            tokens = next.MoveToOuterDisposeScope();
        }

        return Array.ConvertAll(rows, row => row.ToHypothesis());
    }
}
