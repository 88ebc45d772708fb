using ContextAware.Randomness;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Arrangements;

/// <summary>A <see cref="CellStack"/> with its weights laid out for many steps.</summary>
internal sealed class UnrolledStack(UnrolledCell bottom, UnrolledLayer[] upper, DropoutLayer dropout, bool residual)
{
    /// <summary>One step of all layers.</summary>
    /// <param name="projected">The symbols' part of the first layer's gates <c>[B,G·D]</c>.</param>
    /// <param name="context">What else goes into the first layer <c>[B,C]</c>; null if nothing does.</param>
    /// <param name="contextAbove">What else goes into the layers above it <c>[B,C]</c>; null if nothing does.</param>
    /// <param name="states">The state of each layer <c>[B,D]</c>.</param>
    /// <returns>What the top layer puts out <c>[B,D]</c>, and the states after the step.</returns>
    public (Tensor Output, RecurrentState[] States) Advance(Tensor projected, Tensor? context, Tensor? contextAbove, IReadOnlyList<RecurrentState> states)
    {
        var next = new RecurrentState[states.Count];
        next[0] = bottom.Advance(projected, context, states[0]);
        var output = next[0].Hidden;
        for (var layer = 0; layer < upper.Length; layer++)
        {
            var state = upper[layer].Advance(dropout.call(output), contextAbove, states[layer + 1]);
            output = residual ? state.Hidden + output : state.Hidden;
            next[layer + 1] = state;
        }

        return (output, next);
    }
}
