using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Arrangements;

/// <summary>The order in which layers and attention work, and what goes where. It owns no parameter.</summary>
/// <remarks>Shapes: T steps, B batch, D state width, G gates, E embedding, F what the output layer reads.</remarks>
internal abstract class Arrangement(CellStack cells)
{
    /// <summary>The layers.</summary>
    protected CellStack Cells => cells;

    /// <summary>What the output layer reads of a step, or of many.</summary>
    /// <param name="trace">What the steps gave.</param>
    /// <param name="embedded">The symbols' vectors <c>[…,E]</c>.</param>
    /// <returns><c>[…,F]</c>.</returns>
    public abstract Tensor Features(DecoderTrace trace, Tensor embedded);

    /// <summary>One step.</summary>
    /// <param name="unrolled">The layers, laid out.</param>
    /// <param name="projected">The symbol's part of the first layer's gates <c>[B,G·D]</c>.</param>
    /// <param name="source">The source.</param>
    /// <param name="state">The state before.</param>
    public abstract (DecoderTrace Trace, DecoderState State) Step(UnrolledStack unrolled, Tensor projected, DecoderSource source, DecoderState state);

    /// <summary>All steps, given all symbols.</summary>
    /// <param name="projected">The symbols' part of the first layer's gates <c>[T,B,G·D]</c>.</param>
    /// <param name="source">The source.</param>
    /// <param name="state">The state before the first.</param>
    /// <param name="needWeights">Whether the trace must hold where was looked.</param>
    public virtual DecoderTrace Run(Tensor projected, DecoderSource source, DecoderState state, bool needWeights)
    {
        var unrolled = cells.Unroll();
        var traces = new List<DecoderTrace>();
        foreach (var step in projected.unbind(0))
        {
            (var trace, state) = Step(unrolled, step, source, state);
            traces.Add(trace);
        }

        return DecoderTrace.Stack(traces);
    }
}
