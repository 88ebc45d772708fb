using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Arrangements;

/// <summary>
/// The layers step, the top state looks, and h̃ₜ = tanh(W_c [cₜ; hₜ]) goes into the output: Luong et al. 2015
/// (arXiv 1508.04025), eq. 5 and 6. With input feeding (section 3.3) it goes into the first layer's next step as well.
/// </summary>
internal sealed class LuongArrangement(CellStack cells, Attender attender, Linear combination, bool feeds) : Arrangement(cells)
{
    public override Tensor Features(DecoderTrace trace, Tensor embedded) => trace.Hidden;

    public override (DecoderTrace Trace, DecoderState State) Step(UnrolledStack unrolled, Tensor projected, DecoderSource source, DecoderState state)
    {
        var fed = feeds ? state.Feed ?? zeros_like(state.Layers[0].Hidden) : null;
        var (output, layers) = unrolled.Advance(projected, fed, null, state.Layers);
        var (look, looked) = attender.Step(output, source, state.Looked);
        var attentional = Combine(look, output);
        return (new(attentional, look), new(layers, feeds ? attentional : null, looked));
    }

    // Without input feeding no step of the layers depends on what was seen: layer by layer, then attention for all steps.
    public override DecoderTrace Run(Tensor projected, DecoderSource source, DecoderState state, bool needWeights)
    {
        if (feeds) return base.Run(projected, source, state, needWeights);
        var outputs = Cells.Run(projected, state.Layers);                                  // [T,B,D]
        var look = attender.All(outputs, source, state.Looked);
        return new(Combine(look, outputs), look);
    }

    private Tensor Combine(Look look, Tensor output)
    {
        using var scope = NewDisposeScope();
        return combination.call(cat([look.Context, output], -1)).tanh_().MoveToOuterDisposeScope();
    }
}
