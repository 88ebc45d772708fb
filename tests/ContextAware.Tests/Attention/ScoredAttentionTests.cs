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

    private static readonly Dictionary<string, Func<ScoreFunction>> Scores = new()
    {
        ["dot"] = () => new DotScore(),
        ["scaled dot"] = () => new ScaledDotScore(Dq),
        ["general"] = () => new GeneralScore(Dq, Dq),
        ["additive"] = () => new AdditiveScore(Dq, Dq, Hidden, normalized: true),
        ["additive in blocks"] = () => new AdditiveScore(Dq, Dq, Hidden) { BlockSize = 50 },
        ["concat"] = () => new ConcatScore(Dq, Dq, Hidden),
        ["cosine"] = () => new CosineScore(),
        ["location"] = () => new LocationScore(Dq, Dq, Hidden, 3, 3),
    };

    private static readonly Dictionary<string, Func<AttentionMask>> Masks = new()
    {
        ["none"] = () => AttentionMask.None,
        ["lengths, one empty"] = () => AttentionMask.FromLengths(4, 0),
        ["causal"] = () => AttentionMask.Causal,
        ["causal and lengths"] = () => AttentionMask.Causal & AttentionMask.FromLengths(6, 3),
        ["window"] = () => AttentionMask.SlidingWindow(1, 1),
        ["any"] = () => AttentionMask.FromBoolean(tensor(
            Enumerable.Range(0, B * T * S).Select(i => i * 7 % 5 < 2 && i / S != 2).ToArray(), [B, T, S])),
    };

    public static TheoryData<string> ScoreNames => [.. Scores.Keys];

    public static TheoryData<string, string> ScoresAndMasks => [.. from score in Scores.Keys from mask in Masks.Keys select (score, mask)];

    // The location score depends on the weights before: see LocationAttentionTests.
    public static TheoryData<string, string> IndependentScoresAndMasks =>
        [.. from score in Scores.Keys where score != "location" from mask in Masks.Keys select (score, mask)];

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

    [Theory]
    [MemberData(nameof(IndependentScoresAndMasks))]
    public void Any_score_and_any_mask_give_what_loops_give(string score, string mask)
    {
        using var scope = NewDisposeScope();
        using var attention = new ScoredAttention(Scores[score]());
        attention.to(ScalarType.Float64);
        Tensor query = randn(B, T, Dq, ScalarType.Float64), key = randn(B, S, Dq, ScalarType.Float64), value = randn(B, S, Dv, ScalarType.Float64);
        var scores = TensorArrays.Cube(attention.Score.call(query, key));
        var allowed = Allowed(Masks[mask]());
        var (output, weights) = NaiveAttention.FromScores(scores, TensorArrays.Cube(value), allowed);

        var result = attention.call(query, key, value, Masks[mask](), needWeights: true);
        TensorAssert.Close(weights, result.Weights!, 1e-12, 1e-12);
        TensorAssert.Close(output, result.Output, 1e-12, 1e-12);
    }

    [Theory]
    [MemberData(nameof(ScoresAndMasks))]
    public void What_is_masked_may_be_anything(string score, string mask)
    {
        using var scope = NewDisposeScope();
        using var attention = new ScoredAttention(Scores[score]());
        Tensor query = randn(B, T, Dq), key = randn(B, S, Dq), value = randn(B, S, Dv);
        var allowed = Allowed(Masks[mask]());
        var expected = attention.call(query, key, value, Masks[mask](), needWeights: true);
        for (var s = 0; s < S; s++)
        {
            // What one key holds may change nothing for the queries that don't see it, whoever else does.
            Tensor changedKey = key.clone(), changedValue = value.clone();
            changedKey.select(1, s).fill_(float.NaN);
            changedValue.select(1, s).fill_(float.PositiveInfinity);
            var actual = attention.call(query, changedKey, changedValue, Masks[mask](), needWeights: true);
            for (var b = 0; b < B; b++)
                for (var t = 0; t < T; t++)
                {
                    if (score == "location" && Enumerable.Range(0, t).Any(u => allowed[b, u, s]))
                        continue; // The step before saw it, and this one sees that step.
                    if (!allowed[b, t, s])
                    {
                        TensorAssert.Close(expected.Output[b, t], actual.Output[b, t], what: $"output of query {b},{t} without key {s}");
                        TensorAssert.Close(expected.Weights![b, t], actual.Weights![b, t], what: $"weights of query {b},{t} without key {s}");
                    }
                    else
                    {
                        Assert.True(actual.Output[b, t].isnan().all().item<bool>(), $"Query {b},{t} sees NaN in key {s} but doesn't show it.");
                    }
                }
        }
    }

    [Theory]
    [MemberData(nameof(ScoreNames))]
    public void What_no_query_sees_reaches_no_gradient(string score)
    {
        using var scope = NewDisposeScope();
        using var attention = new ScoredAttention(Scores[score]());
        Tensor query = randn(B, T, Dq).requires_grad_(), key = randn(B, S, Dq), value = randn(B, S, Dv);
        key[0, TensorIndex.Slice(4)] = float.NaN;
        value[0, TensorIndex.Slice(4)] = float.NaN;
        key[1] = float.NegativeInfinity;
        key.requires_grad_();
        value.requires_grad_();
        var result = attention.call(query, key, value, AttentionMask.FromLengths(4, 0), needWeights: true);
        TensorAssert.AllZero(result.Output.select(0, 1));
        TensorAssert.AllZero(result.Weights!.select(0, 1));
        (result.Output * randn(B, T, Dv)).sum().backward();
        foreach (var leaf in attention.parameters().Append(query).Append(key).Append(value))
            TensorAssert.AllFinite(leaf.grad!);
        TensorAssert.AllZero(query.grad!.select(0, 1));
        TensorAssert.AllZero(key.grad!.select(0, 1));
        TensorAssert.AllZero(value.grad!.select(0, 0).narrow(0, 4, S - 4));
    }

    [Theory]
    [MemberData(nameof(ScoreNames))]
    public void A_query_that_sees_nothing_may_be_anything(string score)
    {
        using var scope = NewDisposeScope();
        using var attention = new ScoredAttention(Scores[score]());
        var mask = AttentionMask.FromLengths(4, 0);
        Tensor query = randn(B, T, Dq), key = randn(B, S, Dq).requires_grad_(), value = randn(B, S, Dv);
        query[1] = float.NaN;
        query.requires_grad_();
        Tensor whole = attention.call(query, key, value, mask).Output, step = attention.call(query.select(1, 0), key, value, mask).Output;
        TensorAssert.AllZero(whole.select(0, 1));
        TensorAssert.AllZero(step.select(0, 1));
        (whole.sum() + step.sum()).backward();
        foreach (var leaf in attention.parameters().Append(query).Append(key))
            TensorAssert.AllFinite(leaf.grad!);
    }

    [Theory]
    [MemberData(nameof(ScoreNames))]
    public void Gradients_are_right(string score)
    {
        using var scope = NewDisposeScope();
        using var attention = new ScoredAttention(Scores[score]());
        var mask = AttentionMask.FromBoolean(tensor(new[] { true, true, false, true, false, false, true, true, true, true }, [1, 2, 5]));
        GradientCheck.Module(attention, x => attention.call(x[0], x[1], x[2], mask).Output, randn(2, 2, Dq), randn(2, 5, Dq), randn(2, 5, 3));
    }

    [Theory]
    [MemberData(nameof(ScoreNames))]
    public void Steps_over_a_prepared_source_give_what_the_whole_gives(string score)
    {
        using var scope = NewDisposeScope();
        using var attention = new ScoredAttention(Scores[score]());
        Tensor query = randn(B, T, Dq), key = randn(B, S, Dq), value = randn(B, S, Dv);
        var mask = AttentionMask.FromLengths(5, 2);
        var whole = attention.call(query, key, value, mask, needWeights: true);
        using var source = attention.Prepare(key, value, mask);
        Tensor? previous = null;
        for (var t = 0; t < T; t++)
        {
            var step = attention.Attend(query.select(1, t), source, needWeights: true, score == "location" ? previous : null);
            TensorAssert.Close(whole.Output.select(1, t), step.Output);
            TensorAssert.Close(whole.Weights!.select(1, t), step.Weights!);
            previous = step.Weights;
        }
    }

    [Fact]
    public void A_source_can_be_reordered_for_a_beam()
    {
        using var scope = NewDisposeScope();
        using var attention = new ScoredAttention(new AdditiveScore(Dq, Dk, Hidden));
        Tensor query = randn(B, Dq), key = randn(B, S, Dk), value = randn(B, S, Dv), rows = tensor(new long[] { 1, 1, 0 });
        using var source = attention.Prepare(key, value, AttentionMask.FromLengths(5, 2));
        using var beam = source.Select(rows);
        var expected = attention.Attend(query, source, needWeights: true);
        var actual = attention.Attend(query.index_select(0, rows), beam, needWeights: true);
        TensorAssert.Close(expected.Output.index_select(0, rows), actual.Output);
        TensorAssert.Close(expected.Weights!.index_select(0, rows), actual.Weights!);
    }

    [Fact]
    public void A_mask_with_one_row_for_the_batch_survives_a_reorder()
    {
        using var scope = NewDisposeScope();
        using var attention = new ScoredAttention(new DotScore());
        Tensor query = randn(B, T, Dq), key = randn(B, S, Dq), value = randn(B, S, Dv), rows = tensor(new long[] { 1, 0, 1 });
        var source = attention.Prepare(key, value, AttentionMask.Causal, T).Select(rows);
        var expected = attention.call(query.index_select(0, rows), key.index_select(0, rows), value.index_select(0, rows), AttentionMask.Causal);
        TensorAssert.Close(expected.Output, attention.Attend(query.index_select(0, rows), source).Output);
    }

    [Fact]
    public void A_disposed_source_leaves_keys_and_values_alone_and_nothing_behind()
    {
        using var attention = new ScoredAttention(new DotScore());
        using Tensor query = randn(B, Dq), key = randn(B, S, Dq), value = randn(B, S, Dv);
        LeakCheck.Tensors(() =>
        {
            using var source = attention.Prepare(key, value, AttentionMask.FromLengths(5, 2));
            attention.Attend(query, source).Output.Dispose();
        });
        LeakCheck.Tensors(() =>
        {
            using var source = attention.Prepare(key, value);
            attention.Attend(query, source).Output.Dispose();
        });
        TensorAssert.AllFinite(key);
    }

    [Fact]
    public void Dropout_drops_weights_in_training_only_and_shows_them_whole()
    {
        using var scope = NewDisposeScope();
        using var attention = new ScoredAttention(new DotScore(), dropout: 0.5);
        Tensor query = randn(B, T, Dq), key = randn(B, S, Dq), value = randn(B, S, Dv);
        Tensor first = attention.call(query, key, value).Output, second = attention.call(query, key, value).Output;
        Assert.False(first.allclose(second));
        var weights = attention.call(query, key, value, needWeights: true).Weights!;
        TensorAssert.Close(ones(B, T), weights.sum(dim: 2L));
        attention.eval();
        TensorAssert.Equal(attention.call(query, key, value).Output, attention.call(query, key, value).Output);
    }

    private static bool[,,] Allowed(AttentionMask mask)
    {
        using var scope = NewDisposeScope();
        var allowed = mask.ToTensor(B, 1, T, S, CPU)?.expand(B, 1, T, S);
        var result = new bool[B, T, S];
        for (var b = 0; b < B; b++)
            for (var t = 0; t < T; t++)
                for (var s = 0; s < S; s++)
                    result[b, t, s] = allowed is null || allowed[b, 0, t, s].item<bool>();
        return result;
    }
}
