using ContextAware.Scoring;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Scoring;

/// <summary>Additive scores in blocks: the same numbers, forward and backward.</summary>
[Collection(nameof(PeakMemory))]
public class AdditiveBlockTests
{
    private const int B = 3, T = 5, S = 7, Dq = 2, Dk = 11, Hidden = 13;

    // One row at a time, rows that divide nothing, whole keys, whole steps, whole batches, everything.
    public static TheoryData<long> Blocks => [1, Hidden, 3 * Hidden, S * Hidden, (2 * S * Hidden) + 5, T * S * Hidden, 2 * T * S * Hidden, B * T * S * Hidden];

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Any_block_size_gives_the_same_scores_and_gradients(long block)
    {
        using var scope = NewDisposeScope();
        using var whole = new AdditiveScore(Dq, Dk, Hidden, bias: true) { BlockSize = long.MaxValue };
        using var cut = new AdditiveScore(Dq, Dk, Hidden, bias: true) { BlockSize = block };
        whole.to(ScalarType.Float64);
        cut.to(ScalarType.Float64);
        cut.load_state_dict(whole.state_dict());
        Tensor query = randn(B, T, Dq, ScalarType.Float64), key = randn(B, S, Dk, ScalarType.Float64);
        var weights = randn(B, T, S, ScalarType.Float64);

        var expected = Run(whole, query, key, weights);
        var actual = Run(cut, query, key, weights);
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            TensorAssert.Close(expected[i], actual[i], 1e-12, 1e-12, $"tensor {i}");

        using var ungraded = no_grad();
        TensorAssert.Close(expected[0], cut.call(query, key), 1e-12, 1e-12);
        TensorAssert.Close(expected[0].select(1, 2), cut.call(query.select(1, 2), key), 1e-12, 1e-12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3 * Hidden)]
    [InlineData(2 * T * S * Hidden)]
    public void Gradients_in_blocks_are_right(long block)
    {
        using var score = new AdditiveScore(Dq, Dk, Hidden, normalized: true) { BlockSize = block };
        ScoreCheck.Gradients(score, Dq, Dk);
        using var concat = new ConcatScore(Dq, Dk, Hidden, bias: true) { BlockSize = block };
        ScoreCheck.Gradients(concat, Dq, Dk);
    }

    [Fact]
    public void A_gradient_can_be_differentiated_again()
    {
        using var scope = NewDisposeScope();
        using var score = new AdditiveScore(Dq, Dk, Hidden) { BlockSize = 3 * Hidden };
        score.to(ScalarType.Float64);
        var key = randn(B, S, Dk, ScalarType.Float64);
        GradientCheck.Function(
            x =>
            {
                var scores = score.call(x[0], key);
                return autograd.grad([scores.square().sum()], [x[0]], retain_graph: true, create_graph: true)[0];
            },
            randn(B, T, Dq));
    }

    [Fact]
    public void The_same_graph_gives_the_same_gradient_twice()
    {
        using var scope = NewDisposeScope();
        using var score = new AdditiveScore(Dq, Dk, Hidden) { BlockSize = 3 * Hidden };
        var query = randn(B, T, Dq).requires_grad_();
        var loss = score.call(query, randn(B, S, Dk)).square().sum();
        loss.backward(retain_graph: true);
        var first = query.grad!.clone();
        loss.backward();
        TensorAssert.Close(first * 2, query.grad!);
    }

    [Fact]
    public void Keys_that_need_no_gradient_get_none()
    {
        using var scope = NewDisposeScope();
        using var score = new AdditiveScore(Dq, Dk, Hidden) { BlockSize = 3 * Hidden };
        Tensor query = randn(B, T, Dq).requires_grad_(), key = randn(B, S, Dk);
        var projected = score.ProjectKeys(key).detach();
        score.Score(query, projected).sum().backward();
        Assert.NotNull(query.grad);
        Assert.Null(projected.grad);
    }

    [Fact]
    public void Blocks_leave_nothing_behind()
    {
        const int batch = 8, length = 128, width = 128, hidden = 8;
        var score = new AdditiveScore(width, width, hidden) { BlockSize = 100 * length * hidden };
        LeakCheck.Memory(
            () =>
            {
                using var scope = NewDisposeScope();
                score.call(randn(batch, length, width).requires_grad_(), randn(batch, length, width)).sum().backward();
                score.zero_grad();
            },
            repetitions: 60); // a block kept each round would make 24 MB, queries or scores 30 MB
    }

    private static Tensor[] Run(AdditiveScore score, Tensor query, Tensor key, Tensor weights)
    {
        Tensor q = query.clone().requires_grad_(), k = key.clone().requires_grad_();
        score.zero_grad();
        var scores = score.call(q, k);
        (scores * weights).sum().backward();
        return [scores.detach(), q.grad!, k.grad!, .. score.parameters().Select(p => p.grad!.clone())];
    }
}
