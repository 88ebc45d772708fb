using ContextAware.Scoring;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Scoring;

public class AdditiveScoreTests
{
    private const int Dq = 5, Dk = 7, Hidden = 11;

    public static TheoryData<long, long, long> Sizes => ScoreCheck.Sizes;

    [Fact]
    public void The_plain_form_owes_what_every_module_owes() => Conformance(() => new(Dq, Dk, Hidden), """
        W_q.weight [11, 5]
        W_k.weight [11, 7]
        w_v.weight [1, 11]
        """).Run();

    [Fact]
    public void The_normalized_form_owes_what_every_module_owes() => Conformance(() => new(Dq, Dk, Hidden, normalized: true), """
        b [11]
        g []
        W_q.weight [11, 5]
        W_k.weight [11, 7]
        w_v.weight [1, 11]
        """).Run();

    [Fact]
    public void The_form_in_blocks_owes_what_every_module_owes() => Conformance(() => new(Dq, Dk, Hidden, bias: true) { BlockSize = 40 }, """
        b [11]
        W_q.weight [11, 5]
        W_k.weight [11, 7]
        w_v.weight [1, 11]
        """).Run();

    [Fact]
    public void It_runs_on_cuda() => Conformance(() => new(Dq, Dk, Hidden, normalized: true) { BlockSize = 40 }, "").RunOnCuda();

    [Fact]
    public void By_hand()
    {
        using var scope = NewDisposeScope();
        using var score = new AdditiveScore(queryWidth: 1, keyWidth: 2, hidden: 2);
        Load(score);
        // 5 tanh(1 + 0.25) + 7 tanh(-0.5 + 1.5);  5 tanh(1 - 1) + 7 tanh(-0.5 + 0)
        var expected = new[,] { { (5 * Math.Tanh(1.25)) + (7 * Math.Tanh(1)), 7 * Math.Tanh(-0.5) } };
        var scores = score.call(tensor(new float[,] { { 0.5f } }), tensor(new float[,,] { { { 0.25f, 0.5f }, { -1, 0 } } }));
        TensorAssert.Close(expected, scores);
    }

    [Fact]
    public void The_normalized_form_by_hand()
    {
        using var scope = NewDisposeScope();
        using var score = new AdditiveScore(queryWidth: 1, keyWidth: 2, hidden: 2, normalized: true);
        Assert.Equal(1 / Math.Sqrt(2), score.Gain!.item<float>(), 6);
        TensorAssert.AllZero(score.Offset!);
        Load(score, [("b", tensor(new float[] { 1, -2 })), ("g", tensor(3f))]);
        // v/|v| = (5, 7)/sqrt 74;  tanh(1 + 0.25 + 1), tanh(-0.5 + 1.5 - 2)
        var expected = new[,] { { 3 / Math.Sqrt(74) * ((5 * Math.Tanh(2.25)) + (7 * Math.Tanh(-1))) } };
        TensorAssert.Close(expected, score.call(tensor(new float[,] { { 0.5f } }), tensor(new float[,,] { { { 0.25f, 0.5f } } })));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void It_is_what_loops_give(long b, long t, long s)
    {
        using var scope = NewDisposeScope();
        using var score = new AdditiveScore(Dq, Dk, Hidden, bias: true);
        score.load_state_dict(new() { ["b"] = randn(Hidden) }, strict: false);
        var (wq, wk) = (ScoreCheck.Weight(score.QueryProjection), ScoreCheck.Weight(score.KeyProjection));
        var (v, bias) = (ScoreCheck.Row(score.Combination), TensorArrays.Flat(score.Offset!));
        ScoreCheck.AgainstLoops(score, (b, t, s), Dq, Dk, (q, k) => NaiveScores.Additive(q, wq, k, wk, v, bias));
    }

    [Fact]
    public void Gradients_of_both_forms_are_right()
    {
        using var plain = new AdditiveScore(Dq, Dk, Hidden, bias: true);
        using var normalized = new AdditiveScore(Dq, Dk, Hidden, normalized: true);
        ScoreCheck.Gradients(plain, Dq, Dk);
        ScoreCheck.Gradients(normalized, Dq, Dk);
    }

    [Fact]
    public void Scores_of_numbers_of_any_size_are_finite_and_right()
    {
        using var scope = NewDisposeScope();
        using var score = new AdditiveScore(queryWidth: 1, keyWidth: 2, hidden: 2);
        Load(score);
        var scores = score.call(tensor(new float[,] { { 1e30f } }), zeros(1, 1, 2));
        TensorAssert.Close(new double[,] { { 5 - 7 } }, scores);
    }

    private static void Load(AdditiveScore score, (string Name, Tensor Value)[]? more = null)
    {
        var state = new Dictionary<string, Tensor>
        {
            ["W_q.weight"] = tensor(new float[,] { { 2 }, { -1 } }),
            ["W_k.weight"] = tensor(new float[,] { { 1, 0 }, { 0, 3 } }),
            ["w_v.weight"] = tensor(new float[,] { { 5, 7 } }),
        };
        foreach (var (name, value) in more ?? [])
            state[name] = value;
        score.load_state_dict(state);
    }

    private static ModuleConformance<AdditiveScore> Conformance(Func<AdditiveScore> create, string parameters) => new()
    {
        Create = create,
        Inputs = () => [randn(2, 3, Dq), randn(2, 13, Dk)],
        Forward = (m, x) => [m.call(x[0], x[1])],
        OutputShapes = [[2, 3, 13]],
        Parameters = parameters,
    };
}
