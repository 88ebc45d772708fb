using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Arrangements;

/// <summary>What comes out of the recurrent part of a decoder, for one step or for many.</summary>
/// <param name="Hidden">What speaks for the state: the top layer's output, or h̃ where attention comes after it <c>[B,D]</c> or <c>[T,B,D]</c>.</param>
/// <param name="Look">What was seen of the source; null for a decoder that does not look.</param>
internal sealed record DecoderTrace(Tensor Hidden, Look? Look)
{
    /// <summary>Many steps from single ones.</summary>
    public static DecoderTrace Stack(IReadOnlyList<DecoderTrace> steps) => new(
        stack(steps.Select(step => step.Hidden)),
        steps[0].Look is null ? null : Look.Stack([.. steps.Select(step => step.Look!)]));
}
