using ContextAware.Testing;

namespace ContextAware.Tests.Testing;

public class NaiveAttentionTests
{
    private static readonly double[,,,] OneQuery = { { { { 1, 0 } } } };
    private static readonly double[,,,] TwoKeys = { { { { Math.Log(3), 5 }, { 0, 7 } } } };
    private static readonly double[,,,] TwoValues = { { { { 4, 0, 8 }, { 0, 4, 8 } } } };
    private static readonly NaiveAttentionOptions Unscaled = new() { Scale = 1 };

    [Fact]
    public void Two_keys_by_hand()
    {
        // Scores ln 3 and 0: weights 3/4 and 1/4.
        var (output, weights, scores) = NaiveAttention.Compute(OneQuery, TwoKeys, TwoValues, Unscaled);
        TensorAssert.Close(new double[,,,] { { { { Math.Log(3), 0 } } } }, scores, 0, 1e-15);
        TensorAssert.Close(new[,,,] { { { { 0.75, 0.25 } } } }, weights, 0, 1e-15);
        TensorAssert.Close(new double[,,,] { { { { 3, 1, 8 } } } }, output, 0, 1e-14);
    }

    [Fact]
    public void The_scale_is_one_over_the_root_of_the_width_unless_told()
        => Assert.Equal(Math.Log(3) / Math.Sqrt(2), NaiveAttention.Compute(OneQuery, TwoKeys, TwoValues).Scores[0, 0, 0, 0], 1e-15);

    [Fact]
    public void Softcap_comes_before_bias()
    {
        var result = NaiveAttention.Compute(OneQuery, TwoKeys, TwoValues, Unscaled with { Softcap = 2, Bias = new double[,,,] { { { { 0, 1 } } } } });
        double capped = 2 * Math.Tanh(Math.Log(3) / 2), share = Math.Exp(capped) / (Math.Exp(capped) + Math.E);
        Assert.Equal(share, result.Weights[0, 0, 0, 0], 1e-15);
    }

    [Fact]
    public void Masked_keys_and_their_nans_stay_out()
    {
        double[,,,] keys = { { { { double.NaN, 0 }, { 0, 7 } } } }, values = { { { { double.NaN }, { 5 } } } };
        var result = NaiveAttention.Compute(OneQuery, keys, values, Unscaled with { Allowed = new[,,,] { { { { false, true } } } } });
        TensorAssert.Close(new double[,,,] { { { { 0, 1 } } } }, result.Weights);
        TensorAssert.Close(new double[,,,] { { { { 5 } } } }, result.Output);
    }

    [Fact]
    public void A_row_with_nothing_to_attend_to_is_zero()
    {
        var result = NaiveAttention.Compute(OneQuery, TwoKeys, TwoValues, Unscaled with { Allowed = new bool[1, 1, 1, 1] });
        TensorAssert.AllZero(result.Weights);
        TensorAssert.AllZero(result.Output);
    }

    [Fact]
    public void Causal_is_aligned_to_the_end_of_the_keys()
    {
        var weights = NaiveAttention.Compute(new double[1, 1, 2, 1], new double[1, 1, 3, 1], new double[1, 1, 3, 1], new() { Causal = true }).Weights;
        TensorAssert.Close(new[,,,] { { { { 0.5, 0.5, 0 }, { 1 / 3.0, 1 / 3.0, 1 / 3.0 } } } }, weights, 0, 1e-15);
    }

    [Fact]
    public void Neighbouring_heads_share_a_group_of_keys()
    {
        var query = new double[1, 4, 1, 1];
        double[,,,] key = { { { { 0 } }, { { 0 } } } }, value = { { { { 10 } }, { { 20 } } } };
        var output = NaiveAttention.Compute(query, key, value).Output;
        TensorAssert.Close(new double[,,,] { { { { 10 } }, { { 10 } }, { { 20 } }, { { 20 } } } }, output);
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_refused()
    {
        Assert.Contains("widths", Failure.Of(() => NaiveAttention.Compute(new double[1, 1, 1, 2], new double[1, 1, 1, 3], new double[1, 1, 1, 1])));
        Assert.Contains("groups", Failure.Of(() => NaiveAttention.Compute(new double[1, 3, 1, 1], new double[1, 2, 1, 1], new double[1, 2, 1, 1])));
    }

    [Fact]
    public void From_scores_by_hand()
    {
        var (output, weights) = NaiveAttention.FromScores(new[,,] { { { Math.Log(3), 0, 9 } } }, new double[,,] { { { 4 }, { 8 }, { double.NaN } } }, new[,,] { { { true, true, false } } });
        TensorAssert.Close(new[,,] { { { 0.75, 0.25, 0 } } }, weights, 0, 1e-15);
        TensorAssert.Close(new double[,,] { { { 5 } } }, output, 0, 1e-14);
    }

    [Fact]
    public void Softmax_of_huge_scores_stays_finite()
        => TensorAssert.Close(new[] { 0.5, 0.5, 0 }, NaiveAttention.Softmax([1e300, 1e300, double.NegativeInfinity], [true, true, true]));

    [Fact]
    public void Scores_by_hand()
    {
        double[] q = [1, 2], k = [3, 4, 12], v = [2, 10];
        double[,] w = { { 1, 0, 0 }, { 0, 0, 1 } }, u = { { 1, 0 }, { 0, 1 } };
        Assert.Equal(11, NaiveScores.Dot(q, [3, 4]));
        Assert.Equal(11 / Math.Sqrt(2), NaiveScores.ScaledDot(q, [3, 4]), 1e-15);
        Assert.Equal(3 + 24, NaiveScores.General(q, w, k));
        Assert.Equal(2 * Math.Tanh(1 + 3 + 0.5) + 10 * Math.Tanh(2 + 12), NaiveScores.Additive(q, u, k, w, v, [0.5, 0]), 1e-15);
        Assert.Equal(2 * Math.Tanh(1) + 10 * Math.Tanh(3 - 1), NaiveScores.Concat([1], [3], new double[,] { { 1, 0 }, { 0, 1 } }, v, [0, -1]), 1e-15);
        Assert.Equal(11 / (Math.Sqrt(5) * 5), NaiveScores.Cosine(q, [3, 4]), 1e-15);
        Assert.Equal(0, NaiveScores.Cosine(q, [0, 0]));
        TensorAssert.Close(new double[,,] { { { 3, 30 }, { 6, 60 } } }, NaiveScores.Pairs(new double[,,] { { { 1 }, { 2 } } }, new double[,,] { { { 3 }, { 30 } } }, NaiveScores.Dot));
    }
}
