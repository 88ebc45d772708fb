using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Unrolled;

/// <summary>i, f, o = σ(…), g = tanh(…), c' = f·c + i·g, h' = o·tanh(c'), all gates from input and state.</summary>
internal sealed class LstmSteps : CellSteps
{
    private static readonly Scalar MinusOne = -1;
    private static readonly Scalar One = 1;

    private readonly Tensor allMemories;
    private readonly Tensor allSquashed;
    private readonly Tensor[] memories;
    private readonly Tensor[] squashed;
    private readonly Tensor? memoryGradient;

    private LstmSteps(Tensor gates, Tensor states, Tensor memories, Tensor squashed)
        : base(gates, states)
    {
        (allMemories, allSquashed) = (memories, squashed);
        this.memories = memories.unbind(0);
        this.squashed = squashed.unbind(0);
    }

    public LstmSteps(IReadOnlyList<Tensor> saved)
        : this(saved[0], saved[1], saved[2], saved[3])
    {
        memoryGradient = zeros_like(memories[0]);
    }

    public override List<Tensor> Saved => [Gates, States, allMemories, allSquashed];

    public override Tensor LastGradient => memoryGradient!;

    public static LstmSteps Begin(Tensor projected, Tensor state, Tensor memory)
    {
        var (states, memories) = (StatesFrom(projected, state), StatesFrom(projected, memory));
        return new(projected.clone(), states, memories, empty_like(states.narrow(0, 0, projected.shape[0])));
    }

    public override void Forward(int step, Tensor fromState)
    {
        using var scope = NewDisposeScope();
        var gates = GatesAt(step).add_(fromState);
        gates.narrow(1, 0, 2 * Width).sigmoid_();
        var (input, forget, candidate, output) = Parts(gates);
        candidate.tanh_();
        output.sigmoid_();
        var next = memories[step + 1].copy_(memories[step]).mul_(forget).addcmul_(input, candidate, One);
        State(step + 1).copy_(squashed[step].copy_(next).tanh_()).mul_(output);
    }

    public override Tensor? Backward(int step, Tensor gradient, Tensor toInput, Tensor toState)
    {
        using var scope = NewDisposeScope();
        var gates = GatesAt(step);
        var (input, forget, candidate, output) = Parts(gates);
        var (toIn, toForget, toCandidate, toOutput) = Parts(toInput);
        var open = gradient * output;
        var toMemory = open.addcmul_(open * squashed[step], squashed[step], MinusOne);    // dh o (1 − tanh²c)
        toMemory.add_(memoryGradient!);
        toOutput.copy_(gradient).mul_(squashed[step]);
        toIn.copy_(toMemory).mul_(candidate);
        toForget.copy_(toMemory).mul_(memories[step]);
        toCandidate.copy_(toMemory).mul_(input);
        toCandidate.addcmul_(toCandidate * candidate, candidate, MinusOne);
        SlopeOfSigmoid(toInput.narrow(1, 0, 2 * Width), gates.narrow(1, 0, 2 * Width));
        SlopeOfSigmoid(toOutput, output);
        memoryGradient!.copy_(toMemory).mul_(forget);
        return null;
    }

    // Input and state go into the same sum, so one gradient is the other.
    public override Tensor InputGradients(Tensor stateGradients) => stateGradients;

    private static void SlopeOfSigmoid(Tensor gradient, Tensor value) => gradient.mul_(addcmul(value, value, value, MinusOne));

    private (Tensor Input, Tensor Forget, Tensor Candidate, Tensor Output) Parts(Tensor gates) => (
        gates.narrow(1, 0, Width),
        gates.narrow(1, Width, Width),
        gates.narrow(1, 2 * Width, Width),
        gates.narrow(1, 3 * Width, Width));
}
