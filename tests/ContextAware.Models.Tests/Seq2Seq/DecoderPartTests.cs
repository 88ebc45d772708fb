using ContextAware.Masking;
using ContextAware.Models.Seq2Seq;
using ContextAware.Scoring;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Seq2Seq;

/// <summary>The parts beside cells and scores, each against its equation.</summary>
public class DecoderPartTests
{
    // Luong et al. 2015, eq. 7, 9 and 10, in loops.
    [Fact]
    public void A_window_spreads_the_weights_around_the_predicted_position()
    {
        using var scope = NewDisposeScope();
        using var item = new DecoderCase(DecoderCase.Options(DecoderKind.Bahdanau) with { Window = 2 }, ScoreKind.General);
        var weights = item.Decoder.state_dict();
        var state = item.State.Layers[0].Hidden;
        var actual = item.Run().Weights!.select(1, 0);
        for (var row = 0; row < DecoderCase.Lengths.Length; row++)
        {
            var length = DecoderCase.Lengths[row];
            var inner = matmul(weights["local.W_p.weight"], state[row]).tanh();
            var center = length * matmul(weights["local.v_p.weight"], inner).sigmoid().item<float>();
            var scores = Enumerable.Range(0, (int)length).Select(s => matmul(matmul(weights["attention.score.W.weight"], item.Source[row, s]), state[row]).item<float>()).ToArray();
            var sum = Enumerable.Range(0, (int)length).Where(s => Math.Abs(s - center) <= 2).Sum(s => Math.Exp(scores[s]));
            for (var s = 0; s < DecoderCase.Longest; s++)
            {
                var seen = s < length && Math.Abs(s - center) <= 2;
                var expected = seen ? Math.Exp(scores[s]) / sum * Math.Exp(-(s - center) * (s - center) / 2) : 0;   // σ = D/2 = 1
                Assert.Equal(expected, actual[row, s].item<float>(), 1e-5);
            }
        }
    }

    [Fact]
    public void A_window_is_never_empty_however_far_the_prediction_goes()
    {
        using var scope = NewDisposeScope();
        using var item = new DecoderCase(DecoderCase.Options(DecoderKind.Luong) with { Window = 1 });
        using var noGradient = no_grad();
        foreach (var sign in new[] { 100, -1 })
        {
            item.Decoder.state_dict()["local.v_p.weight"].mul_(sign);
            var answer = item.Run();
            TensorAssert.AllFinite(answer.Logits);
            Assert.True((answer.Weights!.sum(-1L) > 0.1).all().item<bool>());
        }
    }

    // See et al. 2017, eq. 11: w_c·c inside of the tanh; eq. 10: c is the sum of the weights before.
    [Fact]
    public void Coverage_goes_into_the_tanh_of_an_additive_score()
    {
        using var scope = NewDisposeScope();
        using var item = new DecoderCase(DecoderCase.Options(DecoderKind.Bahdanau) with { Coverage = true });
        using var noGradient = no_grad();
        var weights = item.Decoder.state_dict();
        weights["coverage.w_c"].uniform_(-3, 3);
        var source = item.Prepare();
        var (first, state) = item.Decoder.Advance(item.Tokens.select(1, 0), source, item.State);
        var (second, next) = item.Decoder.Advance(item.Tokens.select(1, 1), source, state);
        var inner = matmul(state.Layers[0].Hidden, weights["attention.score.W_q.weight"].t()).unsqueeze(1)
            + matmul(item.Source, weights["attention.score.W_k.weight"].t())
            + (first.Weights!.unsqueeze(2) * weights["coverage.w_c"]);
        var scores = matmul(inner.tanh(), weights["attention.score.w_v.weight"].squeeze(0));
        var padded = arange(DecoderCase.Longest).unsqueeze(0) >= tensor(DecoderCase.Lengths).unsqueeze(1);
        TensorAssert.Close(scores.masked_fill(padded, double.NegativeInfinity).softmax(-1), second.Weights!, atol: 1e-5);
        TensorAssert.Close(first.Weights! + second.Weights!, next.Looked!);
    }

    [Fact]
    public void The_coverage_loss_counts_what_is_looked_at_again()
    {
        using var scope = NewDisposeScope();
        var weights = tensor(new[, ,] { { { 0.5f, 0.5f }, { 0.25f, 0.75f }, { 1, 0 } }, { { 1, 0 }, { 0, 1 }, { 0, 1 } } });
        // Row 0: 0; min(.25,.5) + min(.75,.5); min(1,.75). Row 1: 0; 0; min(1,1).
        Assert.Equal((0.75 + 0.75 + 1) / 6, CoverageLoss.Of(weights).item<float>(), 1e-6);
        var counts = tensor(new[,] { { true, true, false }, { true, true, true } });
        Assert.Equal((0.75 + 1) / 5, CoverageLoss.Of(weights, counts).item<float>(), 1e-6);
        GradientCheck.Function(x => CoverageLoss.Of(x[0], counts), weights + (rand(2, 3, 2) * 0.01));
        Assert.Throws<ArgumentException>("weights", () => CoverageLoss.Of(weights[0]));
        Assert.Throws<ArgumentException>("counts", () => CoverageLoss.Of(weights, counts[0]));
    }

    [Fact]
    public void A_window_that_holds_nothing_but_padding_sees_nothing()
    {
        using var scope = NewDisposeScope();
        using var item = new DecoderCase(DecoderCase.Options(DecoderKind.Luong) with { Window = 1 });
        // Two of ten positions may be seen, the last: the window goes no further than the third.
        var padding = arange(10).lt(8).unsqueeze(0).expand(DecoderCase.Lengths.Length, 10);
        var source = item.Decoder.Prepare(randn(DecoderCase.Lengths.Length, 10, DecoderCase.Width), AttentionMask.FromKeyPadding(padding, PaddingMeaning.TrueIsPadding));
        var output = item.Decoder.call(item.Tokens, source, item.State, true);
        TensorAssert.AllZero(output.Weights!);
        output.Logits.sum().backward();
        Assert.All(item.Decoder.parameters().Where(parameter => parameter.grad is not null), parameter => TensorAssert.AllFinite(parameter.grad!));
    }

    [Fact]
    public void A_window_counts_positions_right_in_half_precision()
    {
        using var scope = NewDisposeScope();
        using var item = new DecoderCase(DecoderCase.Options(DecoderKind.Luong) with { Window = 1 });
        item.Decoder.to(bfloat16);
        var source = item.Decoder.Prepare(randn(3, 999, DecoderCase.Width).to(bfloat16), null);
        TensorAssert.Equal(arange(999).to(float32), source.Positions!);
        TensorAssert.Equal(full([3, 1], 999f), source.Lengths!);
        var state = new DecoderState([new(item.State.Layers[0].Hidden.to(bfloat16), null)]);
        var output = item.Decoder.call(item.Tokens, source, state, true);
        TensorAssert.Type(ScalarType.BFloat16, output.Logits);
        TensorAssert.AllFinite(output.Logits);
        Assert.InRange(output.Weights!.ne(0).sum(-1L).max().item<long>(), 1, 3);
    }

    [Fact]
    public void Coverage_fits_a_score_of_any_type()
    {
        using var scope = NewDisposeScope();
        using var score = new AdditiveScore(3, 5, 4);
        score.to(float64);
        using var term = new CoverageTerm(score, 5);
        TensorAssert.Equal(zeros(4, float64), term.state_dict()["w_c"]);
    }

    // See et al. 2017, eq. 8 and 9.
    [Fact]
    public void Copying_mixes_two_distributions()
    {
        using var scope = NewDisposeScope();
        using var copy = new CopyMechanism(3);
        var parameters = copy.state_dict();
        var (logits, inputs) = (randn(2, 5), randn(2, 3));
        var weights = tensor(new[,] { { 0.5f, 0.2f, 0.3f }, { 1, 0, 0 } });
        var symbols = tensor(new long[,] { { 3, 1, 3 }, { 4, 0, 0 } });
        var open = (matmul(inputs, parameters["p_gen.weight"].t()) + parameters["p_gen.bias"]).sigmoid();
        var copied = tensor(new[,] { { 0, 0.2f, 0, 0.8f, 0 }, { 0, 0, 0, 0, 1 } });
        var expected = (open * logits.softmax(-1)) + ((1 - open) * copied);
        var actual = copy.call(logits, inputs, weights, symbols);
        TensorAssert.Close(expected.log(), actual, atol: 1e-5);
        TensorAssert.Close(ones(2), actual.exp().sum(-1L));
        // Many steps at once, as under teacher forcing.
        var many = copy.call(stack([logits, logits]), stack([inputs, inputs]), stack([weights, weights]), symbols);
        TensorAssert.Close(actual, many[1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new CopyMechanism(0));
    }

    [Fact]
    public void A_symbol_without_any_probability_has_a_finite_loss()
    {
        using var scope = NewDisposeScope();
        using var copy = new CopyMechanism(1);
        var logits = tensor(new[,] { { 0f, -300 } }).requires_grad_();
        var answer = copy.call(logits, zeros(1, 1), ones(1, 1), zeros(1, 1, int64));
        answer[0, 1].backward();
        TensorAssert.AllFinite(answer);
        TensorAssert.AllFinite(logits.grad!);
    }

    [Fact]
    public void A_tied_output_compares_with_the_symbols_vectors()
    {
        using var scope = NewDisposeScope();
        using var item = new DecoderCase(DecoderCase.Options(DecoderKind.Luong) with { TiedEmbeddings = true });
        var weights = item.Decoder.state_dict();
        Assert.DoesNotContain("out.weight", weights.Keys);
        using var noGradient = no_grad();
        // Symbol 6 is never given: only its place in the output changes.
        item.Tokens.clamp_max_(5);
        var before = item.Run().Logits;
        weights["embedding.weight"][6].mul_(2);
        var after = item.Run().Logits;
        TensorAssert.Close(before.narrow(2, 0, 6), after.narrow(2, 0, 6));
        TensorAssert.Close(before.select(2, 6) * 2, after.select(2, 6), atol: 1e-5);
    }

    [Fact]
    public void Sampling_falls_along_the_papers_curves()
    {
        AssertFalls([1, 0.75, 0.5, 0.3, 0.3], SamplingSchedules.Linear(0.25, floor: 0.3));
        AssertFalls([0.9, 0.65, 0.4, 0.15, 0], SamplingSchedules.Linear(0.25, start: 0.9));
        AssertFalls([1, 0.5, 0.25, 0.125, 0.0625], SamplingSchedules.Exponential(0.5));
        AssertFalls([0.6667, 0.5481, 0.4239, 0.3086, 0.2130], SamplingSchedules.InverseSigmoid(2));

        static void AssertFalls(double[] expected, SamplingSchedule schedule)
        {
            for (var step = 0; step < expected.Length; step++) Assert.Equal(expected[step], schedule(step), 1e-4);
        }
    }

    [Fact]
    public void Numbers_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("slope", () => SamplingSchedules.Linear(-1));
        Assert.Throws<ArgumentOutOfRangeException>("floor", () => SamplingSchedules.Linear(1, floor: 2));
        Assert.Throws<ArgumentOutOfRangeException>("start", () => SamplingSchedules.Linear(1, floor: 0.5, start: 0.4));
        Assert.Throws<ArgumentOutOfRangeException>("rate", () => SamplingSchedules.Exponential(1));
        Assert.Throws<ArgumentOutOfRangeException>("rate", () => SamplingSchedules.InverseSigmoid(0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LocalWindow(3, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TiedOutput(1, 0, 1));
        using var score = new DotScore();
        Assert.Throws<ArgumentOutOfRangeException>(() => new CoverageTerm(score, 0));
    }
}
