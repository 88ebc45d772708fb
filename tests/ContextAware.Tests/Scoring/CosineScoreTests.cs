using ContextAware.Scoring;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Scoring;

public class CosineScoreTests
{
    private const int D = 7;

    public static TheoryData<long, long, long> Sizes => ScoreCheck.Sizes;

    private static ModuleConformance<CosineScore> Conformance => new()
    {
        Create = () => new CosineScore(0.5),
        Inputs = () => [randn(2, 3, D), randn(2, 5, D)],
        Forward = (m, x) => [m.call(x[0], x[1])],
        OutputShapes = [[2, 3, 5]],
        Parameters = "logit_scale []",
    };

    [Fact]
    public void It_owes_what_every_module_owes() => Conformance.Run();

    [Fact]
    public void It_runs_on_cuda() => Conformance.RunOnCuda();

    [Fact]
    public void By_hand()
    {
        using var scope = NewDisposeScope();
        using var score = new CosineScore(temperature: 0.25);
        var key = tensor(new float[,,] { { { 30, 40 }, { -0.3f, -0.4f }, { 4, -3 }, { 1, 0 } } });
        TensorAssert.Close(new double[,] { { 4, -4, 0, 2.4 } }, score.call(tensor(new float[,] { { 3, 4 } }), key));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]    // in which 1e-8 is 0, and its inverse infinite
    public void A_zero_vector_scores_zero_and_its_gradient_is_finite(ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var score = new CosineScore();
        score.to(type);
        Tensor query = zeros([1, D], type).requires_grad_(), key = randn(1, 2, D).to(type).requires_grad_();
        var scores = score.call(query, key);
        TensorAssert.AllZero(scores);
        scores.sum().backward();
        TensorAssert.AllFinite(query.grad!);
        TensorAssert.AllFinite(key.grad!);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void It_is_what_loops_give(long b, long t, long s)
    {
        using var score = new CosineScore(0.5);
        score.to(ScalarType.Float64);
        var scale = Math.Exp(TensorArrays.Flat(score.LogitScale)[0]);
        ScoreCheck.AgainstLoops(score, (b, t, s), D, D, (q, k) => NaiveScores.Cosine(q, k) * scale);
    }

    [Fact]
    public void Gradients_are_right()
    {
        using var score = new CosineScore(0.5);
        ScoreCheck.Gradients(score, D, D);
    }
}
