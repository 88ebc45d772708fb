using ContextAware.Scoring;
using ContextAware.Testing;
using static TorchSharp.torch;

namespace ContextAware.Tests.Scoring;

public class DotScoreTests
{
    private const int D = 7;

    public static TheoryData<long, long, long> Sizes => ScoreCheck.Sizes;

    private static ModuleConformance<DotScore> Conformance => new()
    {
        Create = () => new DotScore(),
        Inputs = () => [randn(2, 3, D), randn(2, 5, D)],
        Forward = (m, x) => [m.call(x[0], x[1])],
        OutputShapes = [[2, 3, 5]],
        Parameters = "",
    };

    private static ModuleConformance<ScaledDotScore> ScaledConformance => new()
    {
        Create = () => new ScaledDotScore(D),
        Inputs = () => [randn(2, 3, D), randn(2, 5, D)],
        Forward = (m, x) => [m.call(x[0], x[1])],
        OutputShapes = [[2, 3, 5]],
        Parameters = "",
    };

    [Fact]
    public void Dot_owes_what_every_module_owes() => Conformance.Run();

    [Fact]
    public void Dot_runs_on_cuda() => Conformance.RunOnCuda();

    [Fact]
    public void Scaled_dot_owes_what_every_module_owes() => ScaledConformance.Run();

    [Fact]
    public void Scaled_dot_runs_on_cuda() => ScaledConformance.RunOnCuda();

    [Fact]
    public void By_hand()
    {
        using var scope = NewDisposeScope();
        var query = tensor(new double[,] { { 1, 2, 3, 4 } });
        var key = tensor(new double[,,] { { { 1, 0, -1, 0 }, { 2, 2, 2, 2 } } });
        using var dot = new DotScore();
        using var scaled = new ScaledDotScore(4);
        TensorAssert.Close(new double[,] { { -2, 20 } }, dot.call(query, key));
        TensorAssert.Close(new double[,] { { -1, 10 } }, scaled.call(query, key));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Dot_is_what_loops_give(long b, long t, long s)
    {
        using var score = new DotScore();
        ScoreCheck.AgainstLoops(score, (b, t, s), D, D, NaiveScores.Dot);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Scaled_dot_is_what_loops_give(long b, long t, long s)
    {
        using var score = new ScaledDotScore(D);
        ScoreCheck.AgainstLoops(score, (b, t, s), D, D, NaiveScores.ScaledDot);
    }

    [Fact]
    public void Gradients_are_right()
    {
        using var dot = new DotScore();
        using var scaled = new ScaledDotScore(D);
        ScoreCheck.Gradients(dot, D, D);
        ScoreCheck.Gradients(scaled, D, D);
    }

    [Fact]
    public void Projected_keys_share_the_keys_memory_but_are_disposed_apart()
    {
        using var scope = NewDisposeScope();
        using var score = new DotScore();
        var key = randn(2, 5, D);
        var projected = score.ProjectKeys(key);
        key[0, 0, 0] = 100;
        Assert.Equal(100, projected[0, 0, 0].item<float>());
        projected.Dispose();
        Assert.Equal(100, key[0, 0, 0].item<float>());
    }
}
