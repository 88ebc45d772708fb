using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Arrangements;

/// <summary>
/// The first layer's state looks; the context goes into the first layer and into every layer above; the output reads the
/// top layer alone: Wu et al. 2016 (arXiv 1609.08144), eq. 4 and section 3.
/// </summary>
internal sealed class GoogleArrangement(CellStack cells, Attender attender) : Arrangement(cells)
{
    public override Tensor Features(DecoderTrace trace, Tensor embedded) => trace.Hidden;

    public override (DecoderTrace Trace, DecoderState State) Step(UnrolledStack unrolled, Tensor projected, DecoderSource source, DecoderState state)
    {
        var (look, looked) = attender.Step(state.Layers[0].Hidden, source, state.Looked);
        var (output, layers) = source.Gates is null
            ? unrolled.Advance(projected, look.Context, look.Context, state.Layers)
            : unrolled.Advance(Attender.WithGates(projected, look, source), null, look.Context, state.Layers);
        return (new(output, look), new(layers, null, looked));
    }

    // Only the first layer must go step by step: the layers above follow one after the other, each for all steps.
    public override DecoderTrace Run(Tensor projected, DecoderSource source, DecoderState state, bool needWeights)
    {
        var first = BottomLoop.IsFor(attender, source)
            ? BottomLoop.Run(attender, Cells.Bottom, projected, source, state.Layers[0], needWeights)
            : RunFirst(projected, source, state);
        return new(Cells.RunUpper(first.Hidden, first.Look!.Context, state.Layers), first.Look);
    }

    private DecoderTrace RunFirst(Tensor projected, DecoderSource source, DecoderState state)
    {
        var cell = Cells.Bottom.Unroll();
        var (layer, looked) = (state.Layers[0], state.Looked);
        var traces = new List<DecoderTrace>();
        foreach (var step in projected.unbind(0))
        {
            (var look, looked) = attender.Step(layer.Hidden, source, looked);
            layer = cell.Advance(step, look.Context, layer);
            traces.Add(new(layer.Hidden, look));
        }

        return DecoderTrace.Stack(traces);
    }
}
