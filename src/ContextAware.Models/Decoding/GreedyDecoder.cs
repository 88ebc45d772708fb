using ContextAware.Models.Data;
using static TorchSharp.torch;

namespace ContextAware.Models.Decoding;

/// <summary>Takes the likeliest symbol at every step.</summary>
/// <param name="model">The model; put it in eval mode.</param>
/// <param name="maximumLength">The most symbols to write, the end mark included.</param>
public sealed class GreedyDecoder(ISequenceModel model, int maximumLength = 100)
{
    private readonly int maximumLength = maximumLength > 0
        ? maximumLength
        : throw new ArgumentOutOfRangeException(nameof(maximumLength), maximumLength, "Expected at least 1.");

    /// <summary>Writes a target for each source.</summary>
    /// <param name="sources">The sources, none of them empty.</param>
    /// <param name="device">Where the model is; the CPU if null.</param>
    /// <param name="needWeights">Whether to return the attention weights.</param>
    /// <exception cref="ArgumentException">There is no source, or one is empty.</exception>
    public IReadOnlyList<Hypothesis> Decode(IReadOnlyList<int[]> sources, Device? device = null, bool needWeights = false)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (source, lengths) = SequenceBatch.PadSources(sources, device);
        using var session = model.Start(source, lengths);
        var rows = Array.ConvertAll([.. sources], source => new TargetRow(source.Length));
        var tokens = full([sources.Count], Vocabulary.Start, int64, device);
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
