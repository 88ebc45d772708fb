using ContextAware.Models.Seq2Seq.Unrolled;
using ContextAware.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Arrangements;

/// <summary>The recurrent layers of a decoder on each other. The modules belong to the decoder.</summary>
/// <remarks>Shapes: T steps, B batch, C context width, D state width, G gates.</remarks>
/// <param name="bottom">The first layer: it is given the symbols, and a context if it takes one.</param>
/// <param name="upper">The layers above it: each is given what the one below puts out, and a context if it takes one.</param>
/// <param name="dropout">Between layers.</param>
/// <param name="residual">Whether each upper layer adds its input to its output: Wu et al. 2016 (arXiv 1609.08144), eq. 6.</param>
internal sealed class CellStack(RecurrentCell bottom, IReadOnlyList<RecurrentCell> upper, DropoutLayer dropout, bool residual)
{
    /// <summary>The first layer.</summary>
    public RecurrentCell Bottom => bottom;

    /// <summary>How many layers there are.</summary>
    public int Count => 1 + upper.Count;

    /// <summary>The layers with their weights laid out for many steps, in the current dispose scope.</summary>
    public UnrolledStack Unroll() => new(bottom.Unroll(), [.. upper.Select(cell => new UnrolledLayer(cell))], dropout, residual);

    /// <summary>All steps of all layers, where the whole input of the first is known.</summary>
    /// <param name="projected">The whole input's part of the first layer's gates <c>[T,B,G·D]</c>.</param>
    /// <param name="states">The first state of each layer <c>[B,D]</c>.</param>
    /// <returns>What the top layer puts out <c>[T,B,D]</c>.</returns>
    public Tensor Run(Tensor projected, IReadOnlyList<RecurrentState> states) =>
        RunUpper(RunLayer(bottom, projected, states[0]), null, states);

    /// <summary>All steps of the layers above the first.</summary>
    /// <param name="output">What the first puts out <c>[T,B,D]</c>.</param>
    /// <param name="contexts">The contexts that go into every layer <c>[T,B,C]</c>; null if none do.</param>
    /// <param name="states">The first state of each layer <c>[B,D]</c>.</param>
    /// <returns>What the top layer puts out <c>[T,B,D]</c>.</returns>
    public Tensor RunUpper(Tensor output, Tensor? contexts, IReadOnlyList<RecurrentState> states)
    {
        for (var layer = 0; layer < upper.Count; layer++)
        {
            var (cell, input) = (upper[layer], dropout.call(output));
            var projected = contexts is null ? cell.ProjectInput(input) : cell.ProjectInput(input, contexts);
            var read = RunLayer(cell, projected, states[layer + 1]);
            output = residual ? read + output : read;
        }

        return output;
    }

    private static Tensor RunLayer(RecurrentCell cell, Tensor projected, RecurrentState state)
    {
        if (projected.dtype is ScalarType.Float32 or ScalarType.Float64) return CellLoop.Run(cell, projected, state);
        var unrolled = cell.Unroll();
        var states = new List<Tensor>();
        foreach (var step in projected.unbind(0))
        {
            state = unrolled.Advance(step, null, state);
            states.Add(state.Hidden);
        }

        return stack(states);
    }
}
