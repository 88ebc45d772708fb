using ContextAware.Scoring;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Scoring;

public class LocationScoreTests
{
    private const int Dq = 5, Dk = 7, Hidden = 11, Filters = 2, Width = 3;

    public static TheoryData<long, long, long> Sizes => ScoreCheck.Sizes;

    private static ModuleConformance<LocationScore> Conformance => new()
    {
        Create = () => new LocationScore(Dq, Dk, Hidden, Filters, Width),
        Inputs = () => [randn(2, Dq), randn(2, 13, Dk), rand(2, 13)],
        Forward = (m, x) =>
        {
            using var projected = m.ProjectKeys(x[1]);
            return [m.Score(x[0], projected, x[2])];
        },
        OutputShapes = [[2, 13]],
        Parameters = """
            b [11]
            W_q.weight [11, 5]
            W_k.weight [11, 7]
            F.weight [2, 1, 3]
            U.weight [11, 2]
            w_v.weight [1, 11]
            """,
    };

    [Fact]
    public void It_owes_what_every_module_owes() => Conformance.Run();

    [Fact]
    public void It_runs_on_cuda() => Conformance.RunOnCuda();

    [Fact]
    public void The_convolved_weights_of_the_step_before_by_hand()
    {
        using var scope = NewDisposeScope();
        using var score = new LocationScore(1, 1, hidden: 1, filters: 1, filterWidth: 3);
        score.load_state_dict(new()
        {
            ["W_q.weight"] = zeros(1, 1),
            ["W_k.weight"] = zeros(1, 1),
            ["w_v.weight"] = tensor(new float[,] { { 3 } }),
            ["b"] = tensor(new float[] { 0.25f }),
            ["F.weight"] = tensor(new float[,,] { { { 1, 10, 100 } } }),
            ["U.weight"] = tensor(new float[,] { { 0.01f } }),
        });
        var projected = score.ProjectKeys(zeros(1, 3, 1));
        // All weight was on the middle key: its left neighbour sees it to the right (100), it itself (10), its right one (1).
        var scores = score.Score(zeros(1, 1), projected, tensor(new float[,] { { 0, 1, 0 } }));
        TensorAssert.Close(new[,] { { 3 * Math.Tanh(1.25), 3 * Math.Tanh(0.35), 3 * Math.Tanh(0.26) } }, scores);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Without_a_step_before_it_is_the_additive_score(long b, long t, long s)
    {
        using var score = Random();
        var (wq, wk) = (ScoreCheck.Weight(score.QueryProjection), ScoreCheck.Weight(score.KeyProjection));
        var (v, bias) = (ScoreCheck.Row(score.Combination), TensorArrays.Flat(score.Offset));
        ScoreCheck.AgainstLoops(score, (b, t, s), Dq, Dk, (q, k) => NaiveScores.Additive(q, wq, k, wk, v, bias));
    }

    [Theory]
    [InlineData(2, 7, 3)]
    [InlineData(3, 2, 5)]
    [InlineData(1, 1, 1)]
    public void With_a_step_before_it_is_what_loops_give(int b, int s, int width)
    {
        using var scope = NewDisposeScope();
        using var score = Random(width);
        score.to(ScalarType.Float64);
        Tensor query = randn(b, Dq, ScalarType.Float64), key = randn(b, s, Dk, ScalarType.Float64), previous = rand(b, s, ScalarType.Float64);
        TensorAssert.Close(Loops(score, query, key, previous), score.Score(query, score.ProjectKeys(key), previous), 1e-11, 1e-11);
    }

    [Fact]
    public void Gradients_are_right()
    {
        using var score = Random();
        GradientCheck.Module(score, x => score.Score(x[0], score.ProjectKeys(x[1]), x[2]), randn(2, Dq), randn(2, 5, Dk), rand(2, 5));
    }

    private static LocationScore Random(int width = Width)
    {
        using var scope = NewDisposeScope();
        var score = new LocationScore(Dq, Dk, Hidden, Filters, width);
        score.load_state_dict(new() { ["b"] = randn(Hidden) }, strict: false);
        return score;
    }

    private static double[,] Loops(LocationScore score, Tensor query, Tensor key, Tensor previous)
    {
        double[,] wq = ScoreCheck.Weight(score.QueryProjection), wk = ScoreCheck.Weight(score.KeyProjection), u = ScoreCheck.Weight(score.LocationProjection);
        double[] v = ScoreCheck.Row(score.Combination), bias = TensorArrays.Flat(score.Offset);
        double[,,] filters = TensorArrays.Cube(score.Filters.weight), keys = TensorArrays.Cube(key);
        double[,] queries = TensorArrays.Matrix(query), weights = TensorArrays.Matrix(previous);
        var (batch, count, width) = (keys.GetLength(0), keys.GetLength(1), filters.GetLength(2));
        var result = new double[batch, count];
        for (var b = 0; b < batch; b++)
            for (var s = 0; s < count; s++)
            {
                var seen = new double[Filters];
                for (var f = 0; f < Filters; f++)
                    for (var w = 0; w < width; w++)
                        if (s + w - (width / 2) is var at && at >= 0 && at < count)
                            seen[f] += filters[f, 0, w] * weights[b, at];
                double[] q = [.. Enumerable.Range(0, Dq).Select(d => queries[b, d])], k = [.. Enumerable.Range(0, Dk).Select(d => keys[b, s, d])];
                double[] inner = NaiveScores.Times(u, seen), moved = [.. bias.Zip(inner, (x, y) => x + y)];
                result[b, s] = NaiveScores.Additive(q, wq, k, wk, v, moved);
            }

        return result;
    }
}
