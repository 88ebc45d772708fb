using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Arrangements;

/// <summary>A cell whose whole input comes at the step, with its weights laid out for many steps.</summary>
internal sealed class UnrolledLayer(RecurrentCell cell)
{
    private readonly UnrolledCell steps = cell.Unroll();
    private readonly Tensor inputWeight = cell.InputWeight.t();                            // [I,G·D]
    private readonly Tensor bias = cell.FoldedBias;                                        // [G·D]

    /// <summary>One step.</summary>
    /// <param name="input"><c>[B,I]</c>.</param>
    /// <param name="context"><c>[B,C]</c>; null for a cell without.</param>
    /// <param name="state"><c>[B,D]</c>.</param>
    public RecurrentState Advance(Tensor input, Tensor? context, RecurrentState state)
    {
        using var projected = addmm(bias, input, inputWeight, 1, 1);                       // [B,G·D]
        return steps.Advance(projected, context, state);
    }
}
