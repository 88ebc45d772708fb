using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Arrangements;

/// <summary>No attention: the output reads [sₜ; yₜ₋₁]. Sutskever et al. 2014 (arXiv 1409.3215).</summary>
internal sealed class PlainArrangement(CellStack cells) : Arrangement(cells)
{
    public override Tensor Features(DecoderTrace trace, Tensor embedded) => cat([trace.Hidden, embedded], -1);

    public override (DecoderTrace Trace, DecoderState State) Step(UnrolledStack unrolled, Tensor projected, DecoderSource source, DecoderState state)
    {
        var (output, layers) = unrolled.Advance(projected, null, null, state.Layers);
        return (new(output, null), new(layers));
    }

    public override DecoderTrace Run(Tensor projected, DecoderSource source, DecoderState state, bool needWeights) =>
        new(Cells.Run(projected, state.Layers), null);
}
