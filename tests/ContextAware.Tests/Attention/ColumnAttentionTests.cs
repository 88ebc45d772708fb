using ContextAware.Attention;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

/// <summary>The column layout, with the golden numbers of the notebook that this project started from.</summary>
public class ColumnAttentionTests
{
    // Four encoder states, one per column.
    private static readonly double[,] Encoder =
    {
        { 1, 7, 8, -9 },
        { 5, 4, 12, 0 },
        { 11, 1, 2, 1 },
        { 4, 2, 11, 8 },
        { -4, 2, 5, 12 },
    };

    private static readonly double[,] Decoder = { { 7 }, { 11 }, { 4 } };

    private static readonly double[,] Multiplicative =
    {
        { -.78, -.97, -1.09, -1.79, .24 },
        { .04, -.27, -.98, -.49, .52 },
        { 1.08, .91, -.99, 2.04, -.15 },
    };

    private static readonly double[,] Vector = { { -.35 }, { -.58 }, { .07 }, { 1.39 }, { -.79 }, { -1.78 }, { -.35 } };

    private static readonly double[,] EncoderWeight =
    {
        { -1.34, -.1, -.38, .12, -.34 },
        { -1, 1.28, .49, -.41, -.32 },
        { -.39, -1.38, 1.26, 1.21, .15 },
        { -.18, .04, 1.36, -1.18, -.53 },
        { -.23, .96, 1.02, .39, -1.26 },
        { -1.27, .89, -.85, -.01, -1.19 },
        { .46, -.12, -.86, -.93, -.4 },
    };

    private static readonly double[,] DecoderWeight =
    {
        { -1.62, -.02, -.39 },
        { .43, .61, -.23 },
        { -1.5, -.43, -.91 },
        { -.14, .03, .05 },
        { .85, .51, .63 },
        { .39, -.42, 1.34 },
        { -.47, -.31, -1.34 },
    };

    // Four annotations, one per column, and a state of the same width.
    private static readonly double[,] Annotations = { { 3, 59, 1, 4 }, { 12, 2, 43, 3 }, { 45, 5, 5, 45.3 } };

    private static readonly double[,] State = { { 5 }, { 1 }, { 20 } };

    [Fact]
    public void Multiplicative_attention_gives_the_golden_numbers()
    {
        using var scope = NewDisposeScope();
        Tensor decoder = TensorArrays.From(Decoder), encoder = TensorArrays.From(Encoder), weight = TensorArrays.From(Multiplicative);
        Golden(new[,] { { -343.61, -57.67, -197.14, -12.55 } }, ColumnAttention.MultiplicativeScores(decoder, encoder, weight));
        var result = ColumnAttention.MultiplicativeAttention(decoder, encoder, weight);
        // Exponents of up to −331: without the largest score taken off first, everything would be 0/0.
        Golden(new[,] { { -9 }, { 1.015530491829e-19 }, { 1 }, { 8 }, { 12 } }, result.Output, atol: 0);
        TensorAssert.Close(new[,] { { 1.0 } }, result.Weights!.sum(dim: 1L, keepdim: true), 1e-15, 0);
    }

    [Fact]
    public void Additive_attention_gives_the_golden_numbers()
    {
        using var scope = NewDisposeScope();
        var result = ColumnAttention.AdditiveAttention(TensorArrays.From(Decoder), TensorArrays.From(Encoder),
            TensorArrays.From(Vector), TensorArrays.From(EncoderWeight), TensorArrays.From(DecoderWeight));
        Golden(new[,] { { .175641457624, .360969039613, .35959928809, .103790214672 } }, result.Weights!);
        Golden(new[,] { { 4.645107107588 }, { 6.637274903656 }, { 3.116013864328 }, { 6.210417796095 }, { 3.062851265253 } }, result.Output);
    }

    [Fact]
    public void Dot_attention_gives_the_golden_numbers()
    {
        using var scope = NewDisposeScope();
        Tensor state = TensorArrays.From(State), annotations = TensorArrays.From(Annotations);
        var scores = ColumnAttention.DotScores(state, annotations);
        Golden(new double[,] { { 927, 397, 148, 929 } }, scores);
        double[,] weights = { { .1192029220221, 7.947151507960e-232, 0, .8807970779779 } };
        Golden(weights, ColumnAttention.Softmax(scores), atol: 0);
        var result = ColumnAttention.DotAttention(state, annotations);
        Golden(weights, result.Weights!, atol: 0);
        Golden(new[,] { { 3.880797077978 }, { 4.072826298199 }, { 45.264239123393 } }, result.Output);
    }

    [Fact]
    public void Applied_weights_sum_to_the_output()
    {
        using var scope = NewDisposeScope();
        Tensor weights = tensor(new[,] { { .5, .25, .25, 0 } }), encoder = TensorArrays.From(Annotations);
        var applied = ColumnAttention.ApplyWeights(weights, encoder);
        TensorAssert.Close(new[,] { { 1.5, 14.75, .25, 0 }, { 6, .5, 10.75, 0 }, { 22.5, 1.25, 1.25, 0 } }, applied);
        TensorAssert.Close(new[,] { { 16.5 }, { 17.25 }, { 25 } }, ColumnAttention.WeightedSum(weights, encoder));
        TensorAssert.Close(applied.sum(dim: 1L, keepdim: true), ColumnAttention.WeightedSum(weights, encoder));
    }

    [Fact]
    public void Softmax_is_by_row_and_stable()
    {
        using var scope = NewDisposeScope();
        var scores = tensor(new[,] { { 0, Math.Log(3), Math.Log(4) }, { 1e308, 1e308, -1e308 }, { -900, -901, -1e4 } });
        var e = Math.Exp(-1);
        TensorAssert.Close(new[,] { { .125, .375, .5 }, { .5, .5, 0 }, { 1 / (1 + e), e / (1 + e), 0 } }, ColumnAttention.Softmax(scores), 1e-14, 0);
    }

    [Fact]
    public void It_is_what_the_batched_scores_give()
    {
        using var scope = NewDisposeScope();
        using var score = new ContextAware.Scoring.AdditiveScore(3, 5, 7);
        using var attention = new ScoredAttention(score);
        attention.to(ScalarType.Float64);
        attention.load_state_dict(new()
        {
            ["score.W_q.weight"] = TensorArrays.From(DecoderWeight),
            ["score.W_k.weight"] = TensorArrays.From(EncoderWeight),
            ["score.w_v.weight"] = TensorArrays.From(Vector).t(),
        });
        var states = TensorArrays.From(Encoder).t().unsqueeze(0);                            // [1,n,n_enc]
        var result = attention.call(TensorArrays.From(Decoder).t(), states, states);
        Golden(new[,] { { 4.645107107588, 6.637274903656, 3.116013864328, 6.210417796095, 3.062851265253 } }, result.Output);
    }

    [Fact]
    public void Gradients_are_right()
    {
        using var scope = NewDisposeScope();
        GradientCheck.Function(x => ColumnAttention.DotAttention(x[0], x[1]).Output, randn(3, 1), randn(3, 5));
        GradientCheck.Function(x => ColumnAttention.MultiplicativeAttention(x[0], x[1], x[2]).Output, randn(2, 1), randn(3, 5), randn(2, 3));
        GradientCheck.Function(x => ColumnAttention.AdditiveAttention(x[0], x[1], x[2], x[3], x[4]).Output,
            randn(2, 1), randn(3, 5), randn(7, 1), randn(7, 3), randn(7, 2));
        GradientCheck.Function(x => ColumnAttention.ApplyWeights(x[0], x[1]), randn(1, 5), randn(3, 5));
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        Tensor decoder = TensorArrays.From(Decoder), encoder = TensorArrays.From(Encoder), weight = TensorArrays.From(Multiplicative);
        LeakCheck.Tensors(() =>
        {
            var result = ColumnAttention.MultiplicativeAttention(decoder, encoder, weight);
            result.Output.Dispose();
            result.Weights!.Dispose();
        });
    }

    private static void Golden(double[,] expected, Tensor actual, double atol = 1e-12) => TensorAssert.Close(expected, actual, 1e-11, atol);
}
