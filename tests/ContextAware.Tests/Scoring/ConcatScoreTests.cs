using ContextAware.Scoring;
using ContextAware.Testing;
using static TorchSharp.torch;

namespace ContextAware.Tests.Scoring;

public class ConcatScoreTests
{
    private const int Dq = 5, Dk = 7, Hidden = 11;

    public static TheoryData<long, long, long> Sizes => ScoreCheck.Sizes;

    private static ModuleConformance<ConcatScore> Conformance => new()
    {
        Create = () => new ConcatScore(Dq, Dk, Hidden, bias: true),
        Inputs = () => [randn(2, 3, Dq), randn(2, 13, Dk)],
        Forward = (m, x) => [m.call(x[0], x[1])],
        OutputShapes = [[2, 3, 13]],
        Parameters = """
            attn.weight [11, 12]
            attn.bias [11]
            v.weight [1, 11]
            """,
    };

    [Fact]
    public void It_owes_what_every_module_owes() => Conformance.Run();

    [Fact]
    public void It_runs_on_cuda() => Conformance.RunOnCuda();

    [Fact]
    public void By_hand_query_first()
    {
        using var scope = NewDisposeScope();
        using var score = new ConcatScore(queryWidth: 1, keyWidth: 2, hidden: 2);
        score.load_state_dict(new()
        {
            ["attn.weight"] = tensor(new float[,] { { 2, 1, 0 }, { -1, 0, 3 } }),
            ["v.weight"] = tensor(new float[,] { { 5, 7 } }),
        });
        var expected = new[,] { { (5 * Math.Tanh(1.25)) + (7 * Math.Tanh(1)), 7 * Math.Tanh(-0.5) } };
        TensorAssert.Close(expected,
            score.call(tensor(new float[,] { { 0.5f } }), tensor(new float[,,] { { { 0.25f, 0.5f }, { -1, 0 } } })));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void It_is_what_loops_give(long b, long t, long s)
    {
        using var score = new ConcatScore(Dq, Dk, Hidden, bias: true);
        var weight = ScoreCheck.Weight(score.Projection);
        var (v, bias) = (ScoreCheck.Row(score.Combination), TensorArrays.Flat(score.Projection.bias!));
        ScoreCheck.AgainstLoops(score, (b, t, s), Dq, Dk, (q, k) => NaiveScores.Concat(q, k, weight, v, bias));
    }

    [Fact]
    public void Gradients_are_right()
    {
        using var score = new ConcatScore(Dq, Dk, Hidden);
        ScoreCheck.Gradients(score, Dq, Dk);
    }
}
