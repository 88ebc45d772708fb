using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Arrangements;

/// <summary>
/// The top layer's state looks, cₜ; the first layer steps with cₜ and the symbol, the others follow; the output reads
/// [sₜ; cₜ; yₜ₋₁]: Bahdanau et al. 2015 (arXiv 1409.0473), eq. 4 to 6.
/// </summary>
internal sealed class BahdanauArrangement(CellStack cells, Attender attender) : Arrangement(cells)
{
    public override Tensor Features(DecoderTrace trace, Tensor embedded) => cat([trace.Hidden, trace.Look!.Context, embedded], -1);

    public override (DecoderTrace Trace, DecoderState State) Step(UnrolledStack unrolled, Tensor projected, DecoderSource source, DecoderState state)
    {
        var (look, looked) = attender.Step(state.Layers[^1].Hidden, source, state.Looked);
        var (output, layers) = source.Gates is null
            ? unrolled.Advance(projected, look.Context, null, state.Layers)
            : unrolled.Advance(Attender.WithGates(projected, look, source), null, null, state.Layers);
        return (new(output, look), new(layers, null, looked));
    }

    public override DecoderTrace Run(Tensor projected, DecoderSource source, DecoderState state, bool needWeights) =>
        Cells.Count == 1 && BottomLoop.IsFor(attender, source)
            ? BottomLoop.Run(attender, Cells.Bottom, projected, source, state.Layers[0], needWeights)
            : base.Run(projected, source, state, needWeights);
}
