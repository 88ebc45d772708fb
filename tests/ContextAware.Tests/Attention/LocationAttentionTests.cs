using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Scoring;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

public class LocationAttentionTests
{
    private const int B = 2, T = 3, S = 7, D = 5;

    private static ModuleConformance<ScoredAttention> Conformance => new()
    {
        Create = () => new ScoredAttention(new LocationScore(D, D, 11, filters: 2, filterWidth: 3)),
        Inputs = () => [randn(B, T, D), randn(B, S, D), randn(B, S, D)],
        Forward = (m, x) =>
        {
            var result = m.call(x[0], x[1], x[2], AttentionMask.FromLengths(4, 7), needWeights: true);
            return [result.Output, result.Weights!];
        },
        OutputShapes = [[B, T, D], [B, T, S]],
        Parameters = """
            score.b [11]
            score.W_q.weight [11, 5]
            score.W_k.weight [11, 5]
            score.F.weight [2, 1, 3]
            score.U.weight [11, 2]
            score.w_v.weight [1, 11]
            """,
    };

    [Fact]
    public void It_owes_what_every_module_owes() => Conformance.Run();

    [Fact]
    public void It_runs_on_cuda() => Conformance.RunOnCuda();

    [Fact]
    public void Attention_can_be_told_to_move_on_by_one()
    {
        using var scope = NewDisposeScope();
        using var score = new LocationScore(1, 1, hidden: 1, filters: 1, filterWidth: 3);
        using var attention = new ScoredAttention(score);
        // Only the place counts: a key scores high if its left neighbour had the weight. The filter sees left, middle, right.
        score.load_state_dict(new()
        {
            ["W_q.weight"] = zeros(1, 1),
            ["W_k.weight"] = ones(1, 1),
            ["w_v.weight"] = tensor(new float[,] { { 100 } }),
            ["b"] = zeros(1),
            ["F.weight"] = tensor(new float[,,] { { { 1, 0, 0 } } }),
            ["U.weight"] = tensor(new float[,] { { 10 } }),
        });
        var key = tensor(new float[,,] { { { 1 }, { 0 }, { 0 }, { 0 } } });     // the first step goes to the first key
        var zero = zeros(1, 4, 1);
        var weights = attention.call(zeros(1, 1, 1), key, zero, needWeights: true).Weights!.select(1, 0);
        TensorAssert.Close(new double[,] { { 1, 0, 0, 0 } }, weights);
        using var source = attention.Prepare(zero, zero);
        for (var place = 1; place < 4; place++)
        {
            weights = attention.Attend(zeros(1, 1), source, needWeights: true, weights).Weights!;
            Assert.Equal(place, weights.argmax(1).item<long>());
        }
    }

    [Fact]
    public void A_run_may_start_from_given_weights_and_be_cut_anywhere()
    {
        using var scope = NewDisposeScope();
        using var attention = new ScoredAttention(new LocationScore(D, D, 11, 2, 3));
        Tensor query = randn(B, T, D), key = randn(B, S, D), value = randn(B, S, D);
        using var source = attention.Prepare(key, value);
        var whole = attention.Attend(query, source, needWeights: true);
        var head = attention.Attend(query.narrow(1, 0, 2), source, needWeights: true);
        var tail = attention.Attend(query.narrow(1, 2, 1), source, needWeights: true, head.Weights!.select(1, 1));
        TensorAssert.Close(whole.Output, cat([head.Output, tail.Output], 1));
        TensorAssert.Close(whole.Weights!, cat([head.Weights!, tail.Weights!], 1));
        Assert.Equal([B, 0, D], attention.Attend(query.narrow(1, 0, 0), source).Output.shape);
    }

    [Fact]
    public void Steps_over_no_keys_give_zeros()
    {
        using var scope = NewDisposeScope();
        using var attention = new ScoredAttention(new LocationScore(D, D, 11, 2, 3));
        var result = attention.call(randn(B, T, D), randn(B, 0, D), randn(B, 0, D), needWeights: true);
        TensorAssert.Shape([B, T, 0], result.Weights!);
        TensorAssert.Shape([B, T, D], result.Output);
        TensorAssert.AllZero(result.Output);
    }

    [Fact]
    public void A_mask_may_differ_from_step_to_step()
    {
        using var scope = NewDisposeScope();
        using var attention = new ScoredAttention(new LocationScore(D, D, 11, 2, 3));
        var mask = AttentionMask.Causal & AttentionMask.FromLengths(6, 3);
        var weights = attention.call(randn(B, T, D), randn(B, S, D), randn(B, S, D), mask, needWeights: true).Weights!;
        var allowed = mask.ToTensor(B, 1, T, S, CPU)!.squeeze(1).expand(B, T, S);
        TensorAssert.Equal(allowed, weights.gt(0));
        TensorAssert.Close(ones(B, T), weights.sum(dim: 2L));
    }
}
