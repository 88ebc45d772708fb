using ContextAware.Models.Data;
using ContextAware.Models.Decoding;
using ContextAware.Models.Decoding.Sampling;
using ContextAware.Models.VisionLanguage;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Decoding;

public class SamplingDecoderTests
{
    private const int Draws = 4000;

    // Symbols 3 to 6; the end comes after one of them.
    private static readonly double[] Probabilities = [0.5, 0.3, 0.15, 0.05];

    [Fact]
    public void Symbols_come_as_often_as_they_are_likely() => AssertShares(Probabilities, new());

    [Fact]
    public void A_low_temperature_makes_the_likely_likelier()
    {
        // p^(1/T), normalised.
        var squares = Probabilities.Select(p => p * p).ToArray();
        AssertShares([.. squares.Select(p => p / squares.Sum())], new() { Temperature = 0.5 });
    }

    [Fact]
    public void TopK_leaves_the_likeliest() => AssertShares([0.5 / 0.8, 0.3 / 0.8, 0, 0], new() { TopK = 2 });

    [Fact]
    public void TopP_leaves_the_fewest_that_reach_it() => AssertShares([0.5 / 0.8, 0.3 / 0.8, 0, 0], new() { TopP = 0.7 });

    [Fact]
    public void A_source_is_written_alike_in_any_batch_and_each_sample_and_seed_differs()
    {
        random.manual_seed(2);
        using var model = Models.Small();
        int[][] sources = [[3, 4, 5], [6], [5, 5, 4, 3, 6, 3], [3, 3]];
        var decoder = new SamplingDecoder(model, new(), samples: 3, maximumLength: 12);
        var together = decoder.Decode(sources);
        for (var i = 0; i < sources.Length; i++) Assert.Equal(Texts(decoder.Decode([sources[i]])[0]), Texts(together[i]));
        Assert.InRange(Texts(together[2]).Distinct().Count(), 2, 3);
        Assert.NotEqual(Texts(together[2]), Texts(new SamplingDecoder(model, new(), samples: 3, maximumLength: 12, seed: 2).Decode(sources)[2]));
    }

    [Fact]
    public void A_tensor_of_sources_is_written_as_the_list()
    {
        random.manual_seed(2);
        using var scope = NewDisposeScope();
        using var model = Models.Small();
        int[][] sources = [[3, 4, 5], [6], [5, 5, 4, 3, 6, 3], [3, 3]];
        var decoder = new SamplingDecoder(model, new(), samples: 2, maximumLength: 12);
        var (source, lengths) = SequenceBatch.PadSources(sources);
        var (listed, read) = (decoder.Decode(sources, needWeights: true), decoder.Decode(source, lengths, needWeights: true));
        Assert.Equal([2, 2, 2, 2], listed.Select(samples => samples.Count));
        Assert.Equal([2, 2, 2, 2], read.Select(samples => samples.Count));
        foreach (var (expected, actual) in listed.Zip(read))
        {
            Assert.Equal(Texts(expected), Texts(actual));
            Assert.Equal(expected[0].Weights!.Cast<float>(), actual[0].Weights!.Cast<float>());
        }

        Assert.Throws<ArgumentException>(() => decoder.Decode(source, lengths[..2]));
        Assert.Throws<ArgumentException>(() => decoder.Decode(source, ones(4)));
        Assert.Throws<ArgumentNullException>(() => decoder.Decode(null!, lengths));
    }

    [Fact]
    public void Pictures_are_captioned_alike_in_any_batch()
    {
        random.manual_seed(9);
        using var scope = NewDisposeScope();
        using var model = new CaptionModel(new ConvolutionalEncoder(1, (4, true), (6, false)), new() { Picture = new(1, 16, 16), Vocabulary = 7 });
        model.eval();
        var pictures = rand(3, 1, 16, 16);
        var decoder = new SamplingDecoder(model, new(), samples: 3, maximumLength: 8);
        var together = decoder.Decode(pictures, model.PlaceCounts(3));
        for (var i = 0; i < 3; i++)
            Assert.Equal(Texts(together[i]), Texts(decoder.Decode(pictures[i].unsqueeze(0), model.PlaceCounts(1))[0]));
        Assert.InRange(together.SelectMany(Texts).Distinct().Count(), 2, 9);
    }

    [Fact]
    public void One_symbol_to_draw_from_is_greedy_with_its_weights_and_the_models_probabilities()
    {
        using var model = Models.Small();
        int[][] sources = [[3, 4, 5], [6, 6]];
        var greedy = new GreedyDecoder(model, 8).Decode(sources, needWeights: true);
        foreach (var options in new[] { SamplingOptions.Greedy, new() { TopK = 1, Temperature = 0.3 }, new() { TopP = 1e-9 } })
        {
            var drawn = new SamplingDecoder(model, options, maximumLength: 8).Decode(sources, needWeights: true);
            Assert.Equal((2, 2), (greedy.Count, drawn.Count));
            foreach (var (expected, actual) in greedy.Zip(drawn))
            {
                Assert.Equal(expected.Tokens, Assert.Single(actual).Tokens);
                Assert.Equal(expected.LogProbability, actual[0].LogProbability, 1e-4);
                Assert.Equal(expected.Weights!.Cast<float>(), actual[0].Weights!.Cast<float>(), (a, b) => Math.Abs(a - b) < 1e-5);
            }
        }
    }

    [Fact]
    public void A_repetition_is_penalised_however_sure_the_model_is()
    {
        // Once written, a logit of 5 becomes 2.5 and one of 4 becomes 2. As logarithms of probabilities both would stay near 0.
        float[] logits = [-1, -1, -1, 5, 4, 3];
        var drawn = new SamplingDecoder(new SameAnswerModel(logits), SamplingOptions.Greedy with { RepetitionPenalty = 2 }, maximumLength: 4).Decode([[3]])[0][0];
        Assert.Equal([3, 4, 5, 3], drawn.Tokens);
        var sum = Math.Log(logits.Sum(logit => Math.Exp(logit)));
        Assert.Equal(5 + 4 + 3 + 5 - (4 * sum), drawn.LogProbability, 1e-4);
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var model = Models.Small())
        {
            new SamplingDecoder(model, new(), samples: 2, maximumLength: 8).Decode([[3, 4], [5]], needWeights: true);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        using var model = Models.Small();
        Assert.Throws<ArgumentOutOfRangeException>(() => new SamplingDecoder(model, new(), samples: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SamplingDecoder(model, new(), maximumLength: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SamplingDecoder(model, new() { TopP = 0 }));
        Assert.Throws<ArgumentException>(() => new SamplingDecoder(model, new()).Decode([]));
    }

    private static void AssertShares(double[] expected, SamplingOptions options)
    {
        var drawn = new SamplingDecoder(new OneSymbolModel(), options, samples: Draws, maximumLength: 5).Decode([[3]])[0];
        Assert.All(drawn, hypothesis => Assert.True(hypothesis.IsComplete));
        for (var i = 0; i < expected.Length; i++)
        {
            var share = drawn.Count(hypothesis => hypothesis.Tokens is [var symbol] && symbol == 3 + i) / (double)Draws;
            // Four standard deviations; nothing at all where nothing may be drawn.
            var tolerance = 4 * Math.Sqrt(expected[i] * (1 - expected[i]) / Draws);
            Assert.InRange(share, expected[i] - tolerance - 1e-9, expected[i] + tolerance + 1e-9);
            Assert.All(drawn.Where(hypothesis => hypothesis.Tokens[0] == 3 + i), hypothesis => Assert.Equal(Math.Log(Probabilities[i]), hypothesis.LogProbability, 1e-5));
        }
    }

    private static IEnumerable<string> Texts(IReadOnlyList<Hypothesis> hypotheses) => hypotheses.Select(hypothesis => string.Join(' ', hypothesis.Tokens));

    private sealed class SameAnswerModel(float[] logits) : ISequenceModel
    {
        public DecodingSession Start(Tensor source, Tensor sourceLengths) => new Session(logits);

        private sealed class Session(float[] logits) : DecodingSession
        {
            public override DecodingStep Advance(Tensor tokens) => new(tensor(logits).expand(tokens.shape[0], -1), null);

            public override void Reorder(long[] rows)
            {
            }

            protected override void Dispose(bool disposing)
            {
            }
        }
    }

    private sealed class OneSymbolModel : ISequenceModel
    {
        public DecodingSession Start(Tensor source, Tensor sourceLengths) => new Session();

        private sealed class Session : DecodingSession
        {
            public override DecodingStep Advance(Tensor tokens)
            {
                var rows = tokens.data<long>().ToArray().SelectMany(token => token == Vocabulary.Start ? [0, 0, 0, .. Probabilities] : new[] { 0, 0, 1.0, 0, 0, 0, 0 });
                return new(tensor(rows.Select(p => (float)p).ToArray()).view(-1, 7).log(), null);
            }

            public override void Reorder(long[] rows)
            {
            }

            protected override void Dispose(bool disposing)
            {
            }
        }
    }
}
