using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Unrolled;

/// <summary>
/// All steps of a recurrent cell, forward and backward by hand. Autograd would keep a graph of some twenty nodes for each
/// step and add up a full weight gradient at each; here the weight gradients are left to the caller, who makes them for all
/// steps in one product.
/// </summary>
/// <remarks>Shapes: T steps, B batch, D state width, G gates. Everything is kept time first.</remarks>
internal abstract class CellSteps
{
    private readonly Tensor[] states;
    private readonly Tensor[] gates;

    /// <summary>Takes the buffers.</summary>
    /// <param name="gates">The gates <c>[T,B,G·D]</c>: the inputs' part before a step, the activated gates after it.</param>
    /// <param name="states">The states <c>[T+1,B,D]</c>, the first of them given.</param>
    protected CellSteps(Tensor gates, Tensor states)
    {
        (Gates, States) = (gates, states);
        Width = states.shape[2];
        this.gates = gates.unbind(0);
        this.states = states.unbind(0);
    }

    /// <summary><c>[T,B,G·D]</c>.</summary>
    public Tensor Gates { get; }

    /// <summary><c>[T+1,B,D]</c>.</summary>
    public Tensor States { get; }

    /// <summary>D.</summary>
    public long Width { get; }

    /// <summary>T.</summary>
    public int Count => gates.Length;

    /// <summary>The state after each step <c>[T,B,D]</c>.</summary>
    public Tensor Outputs => States.narrow(0, 1, Count);

    /// <summary>The state before each step <c>[T,B,D]</c>.</summary>
    public Tensor Previous => States.narrow(0, 0, Count);

    /// <summary>What the backward pass needs, as <see cref="Restore"/> takes it.</summary>
    public abstract List<Tensor> Saved { get; }

    /// <summary>Gets ready to go forward.</summary>
    /// <param name="kind">GRU or LSTM.</param>
    /// <param name="projected">The known input's part of the gates, with all biases that are simply added <c>[T,B,G·D]</c>.</param>
    /// <param name="candidateBias">The bias inside of a GRU's reset gate <c>[D]</c>; null for an LSTM.</param>
    /// <param name="state">The first state <c>[B,D]</c>.</param>
    /// <param name="memory">The first memory of an LSTM <c>[B,D]</c>; null for a GRU.</param>
    public static CellSteps Begin(CellKind kind, Tensor projected, Tensor? candidateBias, Tensor state, Tensor? memory) =>
        kind == CellKind.Gru
            ? GruSteps.Begin(projected, candidateBias!, state)
            : LstmSteps.Begin(projected, state, memory!);

    /// <summary>Gets ready to go backward.</summary>
    /// <param name="kind">GRU or LSTM.</param>
    /// <param name="saved">What <see cref="Saved"/> was.</param>
    public static CellSteps Restore(CellKind kind, IReadOnlyList<Tensor> saved) =>
        kind == CellKind.Gru ? new GruSteps(saved) : new LstmSteps(saved);

    /// <summary>The state before a step <c>[B,D]</c>; <see cref="Count"/> gives the last.</summary>
    public Tensor State(int step) => states[step];

    /// <summary>The gates of a step <c>[B,G·D]</c>: add to them what else comes in, before <see cref="Forward"/>.</summary>
    public Tensor GatesAt(int step) => gates[step];

    /// <summary>Takes a step.</summary>
    /// <param name="step">Which.</param>
    /// <param name="fromState">The states' part of the gates without bias <c>[B,G·D]</c>.</param>
    public abstract void Forward(int step, Tensor fromState);

    /// <summary>Takes a step back.</summary>
    /// <param name="step">Which.</param>
    /// <param name="gradient">The whole gradient of the state after the step <c>[B,D]</c>.</param>
    /// <param name="toInput">Takes the gradient of the inputs' part of the gates <c>[B,G·D]</c>.</param>
    /// <param name="toState">Takes the gradient of the states' part of the gates <c>[B,G·D]</c>.</param>
    /// <returns>The gradient of the state before the step, as far as it does not go through the gates <c>[B,D]</c>; null if all does.</returns>
    public abstract Tensor? Backward(int step, Tensor gradient, Tensor toInput, Tensor toState);

    /// <summary>Where to put the gradients of the inputs' part, given where those of the states' part go <c>[T,B,G·D]</c>.</summary>
    public abstract Tensor InputGradients(Tensor stateGradients);

    /// <summary>After all steps back: the gradient of a GRU's candidate bias <c>[D]</c>, of an LSTM's first memory <c>[B,D]</c>.</summary>
    public abstract Tensor LastGradient { get; }

    /// <summary>Room for the states, the given one in place <c>[T+1,B,D]</c>.</summary>
    private protected static Tensor StatesFrom(Tensor projected, Tensor first)
    {
        var steps = projected.shape[0];
        var (batch, width) = (first.shape[0], first.shape[1]);
        var states = projected.new_empty(steps + 1, batch, width);
        states.select(0, 0).copy_(first);
        return states;
    }
}
