using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Unrolled;

/// <summary>All steps of a cell whose whole input is known beforehand, with a backward pass by hand.</summary>
/// <remarks>Shapes: T steps, B batch, D state width, G gates.</remarks>
internal sealed class CellLoop : autograd.MultiTensorFunction<CellLoop>
{
    private const string KindKey = "kind";
    private const string GradientsKey = "gradients";
    private const int InputCount = 4;

    /// <inheritdoc/>
    public override string Name => nameof(CellLoop);

    /// <summary>Runs the cell.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="projected">What its <see cref="RecurrentCell.ProjectInput(Tensor, Tensor)"/> gave <c>[T,B,G·D]</c>.</param>
    /// <param name="state">The first state <c>[B,D]</c>.</param>
    /// <returns>The states after each step <c>[T,B,D]</c>.</returns>
    public static Tensor Run(RecurrentCell cell, Tensor projected, RecurrentState state) =>
        apply(projected, cell.StateWeight, state.Hidden, (cell.CandidateBias ?? state.Cell)!, cell.Kind)[0];

    /// <inheritdoc/>
    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var kind = (CellKind)vars[^1];
        var given = vars[..^1].Cast<Tensor>().ToList();
        using var scope = NewDisposeScope();
        var steps = Begin(kind, given);
        var weight = given[1].t();                                                         // [D,G·D]
        for (var step = 0; step < steps.Count; step++)
        {
            using var fromState = mm(steps.State(step), weight);
            steps.Forward(step, fromState);
        }

        // The output is a view: what a graph keeps must not be what it gives out.
        var states = steps.Outputs;
        ctx.save_for_backward([.. given, .. steps.Saved]);
        ctx.set_materialize_grads(false);
        ctx.save_data(KindKey, kind);
        scope.MoveToOuter([states, .. steps.Saved]);
        return [states];
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        using var scope = NewDisposeScope();
        var kind = (CellKind)ctx.get_data(KindKey);
        var saved = ctx.get_saved_variables();
        // A gradient that is itself to be differentiated needs a graph.
        var gradients = is_grad_enabled()
            ? Differentiable(kind, saved, grad_outputs[0])
            : Back(kind, saved, grad_outputs[0]);
        scope.MoveToOuter(gradients);
        gradients.Add(null!);
        // The native side copies these after this method has returned: nothing else keeps their finalizers from running.
        ctx.save_data(GradientsKey, gradients);
        return gradients;
    }

    private static CellSteps Begin(CellKind kind, List<Tensor> given) => kind == CellKind.Gru
        ? CellSteps.Begin(kind, given[0], given[3], given[2], null)
        : CellSteps.Begin(kind, given[0], null, given[2], given[3]);

    private static List<Tensor> Back(CellKind kind, List<Tensor> saved, Tensor gradient)
    {
        var weight = saved[1];                                                             // [G·D,D]
        var steps = CellSteps.Restore(kind, saved[InputCount..]);
        var allToStates = empty_like(steps.Gates);
        var allToGates = steps.InputGradients(allToStates);
        var (toOutputs, toStates, toGates) = (gradient.unbind(0), allToStates.unbind(0), allToGates.unbind(0));
        var carry = saved[2].new_zeros(saved[2].shape);                                   // rows side by side, as the loops want it
        for (var step = steps.Count - 1; step >= 0; step--)
        {
            using var scope = NewDisposeScope();
            carry.add_(toOutputs[step]);
            var direct = steps.Backward(step, carry, toGates[step], toStates[step]);
            carry.copy_(direct is null ? mm(toStates[step], weight) : direct.addmm_(toStates[step], weight));
        }

        var stateWeight = mm(allToStates.flatten(0, 1).t(), steps.Previous.flatten(0, 1)); // [G·D,D]
        return [allToGates, stateWeight, carry, steps.LastGradient];
    }

    private static List<Tensor> Differentiable(CellKind kind, List<Tensor> saved, Tensor gradient)
    {
        var inputs = saved[..InputCount];
        var state = new RecurrentState(inputs[2], kind == CellKind.Lstm ? inputs[3] : null);
        var unrolled = UnrolledCell.Of(kind, null, inputs[1], kind == CellKind.Gru ? inputs[3] : null);
        var states = new List<Tensor>();
        foreach (var projected in inputs[0].unbind(0))
        {
            state = unrolled.Advance(projected, null, state);
            states.Add(state.Hidden);
        }

        return [.. autograd.grad([stack(states)], inputs, [gradient], create_graph: true, allow_unused: true)];
    }
}
