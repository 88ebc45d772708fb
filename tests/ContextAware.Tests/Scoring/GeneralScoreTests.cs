using ContextAware.Scoring;
using ContextAware.Testing;
using static TorchSharp.torch;

namespace ContextAware.Tests.Scoring;

public class GeneralScoreTests
{
    private const int Dq = 5, Dk = 7;

    public static TheoryData<long, long, long> Sizes => ScoreCheck.Sizes;

    private static ModuleConformance<GeneralScore> Conformance => new()
    {
        Create = () => new GeneralScore(Dq, Dk),
        Inputs = () => [randn(2, 3, Dq), randn(2, 11, Dk)],
        Forward = (m, x) => [m.call(x[0], x[1])],
        OutputShapes = [[2, 3, 11]],
        Parameters = "W.weight [5, 7]",
    };

    [Fact]
    public void It_owes_what_every_module_owes() => Conformance.Run();

    [Fact]
    public void It_runs_on_cuda() => Conformance.RunOnCuda();

    [Fact]
    public void By_hand()
    {
        using var scope = NewDisposeScope();
        using var score = new GeneralScore(2, 3);
        score.load_state_dict(new() { ["W.weight"] = tensor(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } }) });
        // (1, -1)·W = (-3, -3, -3)
        TensorAssert.Close(new double[,] { { -3, 6 } },
            score.call(tensor(new float[,] { { 1, -1 } }), tensor(new float[,,] { { { 1, 0, 0 }, { 0, -4, 2 } } })));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void It_is_what_loops_give(long b, long t, long s)
    {
        using var score = new GeneralScore(Dq, Dk);
        var weight = ScoreCheck.Weight(score.KeyProjection);
        ScoreCheck.AgainstLoops(score, (b, t, s), Dq, Dk, (q, k) => NaiveScores.General(q, weight, k));
    }

    [Fact]
    public void Gradients_are_right()
    {
        using var score = new GeneralScore(Dq, Dk);
        ScoreCheck.Gradients(score, Dq, Dk);
    }
}
