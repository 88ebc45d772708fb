using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Scoring;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

public class ScoredAttentionTests
{
    private const int B = 2, T = 3, S = 7, Dq = 5, Dk = 11, Dv = 13, Hidden = 17;

    private static ModuleConformance<ScoredAttention> Conformance => new()
    {
        Create = () => new ScoredAttention(new AdditiveScore(Dq, Dk, Hidden, bias: true), dropout: 0.3),
        Inputs = () => [randn(B, T, Dq), randn(B, S, Dk), randn(B, S, Dv)],
        Forward = (m, x) =>
        {
            var result = m.call(x[0], x[1], x[2], AttentionMask.FromLengths(5, 2), needWeights: true);
            return [result.Output, result.Weights!];
        },
        OutputShapes = [[B, T, Dv], [B, T, S]],
        Parameters = """
            score.b [17]
            score.W_q.weight [17, 5]
            score.W_k.weight [17, 11]
            score.w_v.weight [1, 17]
            """,
    };

    [Fact]
    public void It_owes_what_every_module_owes() => Conformance.Run();

    [Fact]
    public void It_runs_on_cuda() => Conformance.RunOnCuda();

    [Fact]
    public void Dot_scores_by_hand()
    {
        using var scope = NewDisposeScope();
        using var attention = new ScoredAttention(new DotScore());
        // Scores ln 1, ln 3: weights 1/4 and 3/4.
        var key = tensor(new float[,,] { { { 0 }, { MathF.Log(3) } } });
        var value = tensor(new float[,,] { { { 4, 8 }, { 0, 12 } } });
        var result = attention.call(ones(1, 1), key, value, needWeights: true);
        TensorAssert.Close(new float[,] { { 0.25f, 0.75f } }, result.Weights!);
        TensorAssert.Close(new float[,] { { 1, 11 } }, result.Output);
    }

    [Fact]
    public void Weights_come_only_when_asked_for()
    {
        using var scope = NewDisposeScope();
        using var attention = new ScoredAttention(new DotScore());
        Assert.Null(attention.call(ones(1, 1), ones(1, 2, 1), ones(1, 2, 1)).Weights);
    }

    [Fact]
    public void Steps_over_a_prepared_source_give_what_the_whole_gives()
    {
        using var scope = NewDisposeScope();
        using var attention = new ScoredAttention(new AdditiveScore(Dq, Dk, Hidden));
        Tensor query = randn(B, T, Dq), key = randn(B, S, Dk), value = randn(B, S, Dv);
        var mask = AttentionMask.FromLengths(5, 2);
        var whole = attention.call(query, key, value, mask, needWeights: true);
        var source = attention.Prepare(key, value, mask);
        for (var t = 0; t < T; t++)
        {
            var step = attention.Attend(query.select(1, t), source, needWeights: true);
            TensorAssert.Close(whole.Output.select(1, t), step.Output);
            TensorAssert.Close(whole.Weights!.select(1, t), step.Weights!);
        }
    }
}
