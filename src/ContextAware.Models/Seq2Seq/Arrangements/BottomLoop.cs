using ContextAware.Models.Seq2Seq.Unrolled;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Arrangements;

/// <summary>A layer that looks before it steps, all steps at once with a backward pass by hand: half the time of autograd's.</summary>
internal static class BottomLoop
{
    // The loop keeps [B,S,A] for every step; what is larger than a block is left to the score's bounded memory.
    private const long LargestStep = 1L << 20;

    /// <summary>Whether it can be done for this score and source.</summary>
    public static bool IsFor(Attender attender, DecoderSource source) =>
        attender.Simple is not null
        && source.Attended!.Value.dtype is ScalarType.Float32 or ScalarType.Float64
        && source.Attended!.ProjectedKey.numel() <= LargestStep;

    /// <summary>Runs the layer.</summary>
    /// <param name="attender">How it looks.</param>
    /// <param name="cell">The layer.</param>
    /// <param name="projected">The symbols' part of the gates <c>[T,B,G·D]</c>.</param>
    /// <param name="source">The source.</param>
    /// <param name="state">The first state <c>[B,D]</c>.</param>
    /// <param name="needWeights">Whether the trace must hold where was looked.</param>
    public static DecoderTrace Run(
        Attender attender, RecurrentCell cell, Tensor projected, DecoderSource source, RecurrentState state, bool needWeights)
    {
        var (score, attended) = (attender.Simple!, source.Attended!);
        var inputs = new AdditiveInputs(
            projected,
            attended.ProjectedKey,
            attended.Value,
            state.Hidden,
            cell.ContextWeight,
            cell.StateWeight,
            score.QueryProjection.weight,
            score.Combination.weight.squeeze(0),
            cell.CandidateBias,
            state.Cell,
            attender.Gate?.weight,
            attender.Gate?.bias);
        var (states, contexts, weights) = AdditiveLoop.Run(cell.Kind, inputs, attended, needWeights);
        return new(states, new(contexts, weights));
    }
}
