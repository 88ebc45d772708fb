using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Unrolled;

/// <summary>
/// r = σ(x_r + h_r), z = σ(x_z + h_z), n = tanh(x_n + r·(h_n + b)), h' = (1 − z)·n + z·h, where x comes from the input and
/// h from the state.
/// </summary>
internal sealed class GruSteps : CellSteps
{
    private static readonly Scalar MinusOne = -1;
    private static readonly Scalar One = 1;

    private readonly Tensor allCandidates;
    private readonly Tensor[] candidates;
    private readonly Tensor? candidateBias;
    private readonly bool goesByLoops;
    private readonly Tensor? biasGradient;

    private GruSteps(Tensor gates, Tensor states, Tensor candidates, Tensor? candidateBias)
        : base(gates, states)
    {
        allCandidates = candidates;
        this.candidates = candidates.unbind(0);
        this.candidateBias = candidateBias;
        goesByLoops = GruLoops.Serve(states, Width);
    }

    public GruSteps(IReadOnlyList<Tensor> saved)
        : this(saved[0], saved[1], saved[2], null)
    {
        biasGradient = saved[1].new_zeros(Width);
    }

    public override List<Tensor> Saved => [Gates, States, allCandidates];

    public override Tensor LastGradient => biasGradient!;

    public static GruSteps Begin(Tensor projected, Tensor candidateBias, Tensor state)
    {
        var states = StatesFrom(projected, state);
        return new(projected.clone(), states, empty_like(states.narrow(0, 0, projected.shape[0])), candidateBias);
    }

    public override void Forward(int step, Tensor fromState)
    {
        using var scope = NewDisposeScope();
        if (goesByLoops)
        {
            GruLoops.Forward(GatesAt(step), fromState, candidateBias!, State(step), candidates[step], State(step + 1));
            return;
        }

        var (resetUpdate, reset, update, candidate) = Parts(GatesAt(step));
        resetUpdate.add_(fromState.narrow(1, 0, 2 * Width)).sigmoid_();
        var inner = candidates[step].copy_(fromState.narrow(1, 2 * Width, Width)).add_(candidateBias!);
        candidate.addcmul_(reset, inner, One).tanh_();
        State(step + 1).copy_(candidate).lerp_(State(step), update);
    }

    public override Tensor? Backward(int step, Tensor gradient, Tensor toInput, Tensor toState)
    {
        if (goesByLoops)
            return GruLoops.Backward(GatesAt(step), State(step), candidates[step], gradient, toInput, toState, biasGradient!);
        using var scope = NewDisposeScope();
        var (resetUpdate, reset, update, candidate) = Parts(GatesAt(step));
        var (toResetUpdate, toReset, toUpdate, toCandidate) = Parts(toInput);
        var direct = gradient * update;
        toCandidate.copy_(gradient).sub_(direct);                                         // dh (1 − z)
        toCandidate.addcmul_(toCandidate * candidate, candidate, MinusOne);               // … (1 − n²)
        toReset.copy_(toCandidate).mul_(candidates[step]);
        toUpdate.copy_(State(step)).sub_(candidate).mul_(gradient);                       // dh (h − n)
        toResetUpdate.mul_(addcmul(resetUpdate, resetUpdate, resetUpdate, MinusOne));     // σ' = σ − σ²
        var (stateResetUpdate, _, _, stateCandidate) = Parts(toState);
        stateResetUpdate.copy_(toResetUpdate);
        biasGradient!.add_(stateCandidate.copy_(toCandidate).mul_(reset).sum(0L));
        return direct.MoveToOuterDisposeScope();
    }

    public override Tensor InputGradients(Tensor stateGradients) => empty_like(Gates);

    private (Tensor ResetUpdate, Tensor Reset, Tensor Update, Tensor Candidate) Parts(Tensor gates) => (
        gates.narrow(1, 0, 2 * Width),
        gates.narrow(1, 0, Width),
        gates.narrow(1, Width, Width),
        gates.narrow(1, 2 * Width, Width));
}
