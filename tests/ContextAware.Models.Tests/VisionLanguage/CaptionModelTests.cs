using ContextAware.Models.Data;
using ContextAware.Models.Decoding;
using ContextAware.Models.Seq2Seq;
using ContextAware.Models.VisionLanguage;
using ContextAware.Scoring;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.VisionLanguage;

public class CaptionModelTests
{
    private const int Words = 8;
    private static readonly Vocabulary Colours = new(["dark", "light", "left", "right", "both"]);

    private static CaptionModel Make(int width = 5)
    {
        var model = new CaptionModel(new ConvolutionalEncoder(1, (4, true), (6, false)), new()
        {
            Picture = new(1, 6, 10),
            Vocabulary = Words,
            EmbeddingWidth = 3,
            HiddenWidth = width,
            AttentionWidth = 7,
        });
        model.eval();
        return model;
    }

    [Fact]
    public void The_encoder_is_left_as_it_was_though_it_can_not_take_the_picture()
    {
        using var scope = NewDisposeScope();
        var encoder = new ConvolutionalEncoder(1, (4, true), (6, false));
        var frozen = encoder.modules().OfType<TorchSharp.Modules.BatchNorm2d>().First();
        frozen.eval();
        var before = encoder.modules().Select(module => module.training).ToArray();
        CaptionOptions options = new() { Picture = new(1, 6, 10), Vocabulary = Words, EmbeddingWidth = 3, HiddenWidth = 5, AttentionWidth = 7 };
        _ = new CaptionModel(encoder, options);
        Assert.Equal(before, encoder.modules().Select(module => module.training));
        var error = Assert.Throws<ArgumentException>("encoder", () => new CaptionModel(encoder, options with { Picture = new(3, 6, 10) }));
        Assert.Contains("Expected an encoder of pictures [B,3,6,10]", error.Message);
        Assert.Equal(before, encoder.modules().Select(module => module.training));
        Assert.True(encoder.training);
    }

    [Fact]
    public void An_encoder_may_be_of_any_type()
    {
        using var scope = NewDisposeScope();
        var encoder = new ConvolutionalEncoder(1, (4, true), (6, false));
        encoder.to(float64);
        using var model = new CaptionModel(encoder, new() { Picture = new(1, 6, 10), Vocabulary = Words, EmbeddingWidth = 3, HiddenWidth = 5, AttentionWidth = 7 });
        Assert.Equal(new FeatureGrid(6, 3, 5), model.Grid);
    }

    [Fact]
    public void It_owes_what_every_module_owes()
    {
        manual_seed(7);
        var conformance = new ModuleConformance<CaptionModel>
        {
            Create = () => Make(),
            Inputs = () => [randn(2, 1, 6, 10), tensor(new long[,] { { 1, 4, 5 }, { 1, 3, 7 } })],
            Forward = (m, x) =>
            {
                var answer = m.call(x[0], x[1], true);
                return [answer.Logits, answer.Weights!];
            },
            OutputShapes = [[2, 3, Words], [2, 3, 15]],
            Parameters = """
                encoder.layers.0.weight [4, 1, 3, 3]
                encoder.layers.1.weight [4]
                encoder.layers.1.bias [4]
                encoder.layers.3.weight [6, 4, 3, 3]
                encoder.layers.4.weight [6]
                encoder.layers.4.bias [6]
                bridge.hidden.weight [5, 6]
                bridge.hidden.bias [5]
                bridge.cell.weight [5, 6]
                bridge.cell.bias [5]
                decoder.embedding.weight [8, 3]
                decoder.attention.score.W_q.weight [7, 5]
                decoder.attention.score.W_k.weight [7, 6]
                decoder.attention.score.w_v.weight [1, 7]
                decoder.f_beta.weight [1, 5]
                decoder.f_beta.bias [1]
                decoder.rnn.weight_ih [20, 9]
                decoder.rnn.weight_hh [20, 5]
                decoder.rnn.bias_ih [20]
                decoder.rnn.bias_hh [20]
                decoder.out.weight [8, 14]
                decoder.out.bias [8]
                encoder.layers.1.running_mean [4]
                encoder.layers.1.running_var [4]
                encoder.layers.1.num_batches_tracked []
                encoder.layers.4.running_mean [6]
                encoder.layers.4.running_var [6]
                encoder.layers.4.num_batches_tracked []
                """,
            HalfPrecisionTolerance = null,
        };
        conformance.Run();
    }

    [Fact]
    public void Gradients_are_right_from_words_and_looks_back_to_the_pictures()
    {
        manual_seed(7);
        using var model = Make();
        var words = tensor(new long[,] { { 1, 4, 5 }, { 1, 3, 7 } });
        GradientCheck.Module(model, x =>
        {
            var answer = model.call(x[0], words, true);
            return cat([answer.Logits, answer.Weights!], -1);
        }, randn(2, 1, 6, 10));
    }

    [Fact]
    public void Word_by_word_gives_what_the_whole_caption_gives()
    {
        using var scope = NewDisposeScope();
        using var model = Make();
        var pictures = randn(3, 1, 6, 10);
        var words = tensor(new long[,] { { 1, 4, 5, 3 }, { 1, 3, 7, 6 }, { 1, 5, 5, 4 } });
        var whole = model.call(pictures, words, true);
        using var session = model.Start(pictures, model.PlaceCounts(3));
        for (var step = 0; step < 4; step++)
        {
            var answer = session.Advance(words.select(1, step));
            TensorAssert.Close(whole.Logits.select(1, step), answer.Logits, atol: 1e-5);
            TensorAssert.Close(whole.Weights!.select(1, step), answer.Weights!, atol: 1e-5);
        }
    }

    [Fact]
    public void It_starts_from_the_mean_feature()
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        using var model = Make();
        var weights = model.state_dict();
        using var encoder = new ConvolutionalEncoder(1, (4, true), (6, false));
        RecurrentDecoderOptions sizes = new() { Cell = CellKind.Lstm, Vocabulary = Words, EmbeddingWidth = 3, SourceWidth = 6, Width = 5, Gate = true };
        using var decoder = new RecurrentDecoder(sizes, new AdditiveScore(5, 6, 7));
        Take(encoder, "encoder.");
        Take(decoder, "decoder.");
        var pictures = randn(2, 1, 6, 10);
        var words = tensor(new long[,] { { Vocabulary.Start, 4, 5 }, { Vocabulary.Start, 3, 7 } });
        var features = encoder.call(pictures).flatten(2);                                 // [2,6,15]
        var mean = features.sum(2L) / 15;                                                 // [2,6]
        var state = new DecoderState([new RecurrentState(Map("hidden").tanh(), Map("cell"))]);
        var expected = decoder.call(words, decoder.Prepare(features.transpose(1, 2).contiguous(), null), state, true);
        var answer = model.call(pictures, words, true);
        TensorAssert.Close(expected.Logits, answer.Logits, atol: 1e-5);
        TensorAssert.Close(expected.Weights!, answer.Weights!, atol: 1e-5);

        Tensor Map(string name) => matmul(mean, weights[$"bridge.{name}.weight"].t()) + weights[$"bridge.{name}.bias"];

        void Take(nn.Module part, string prefix)
        {
            part.load_state_dict(weights.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(pair => pair.Key[prefix.Length..], pair => pair.Value));
            part.eval();
        }
    }

    [Fact]
    public void It_learns_to_name_what_lies_where_and_beam_search_agrees()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(11);
        using var model = Make(width: 24);
        // A bright field on the left, on the right, or on both sides; dark or light behind.
        var (pictures, captions) = (new List<Tensor>(), new List<string[]>());
        foreach (var back in new[] { ("dark", 0f), ("light", 0.5f) })
        {
            foreach (var (side, left, right) in new[] { ("left", 1f, back.Item2), ("right", back.Item2, 1f), ("both", 1f, 1f) })
            {
                var picture = full([1, 1, 6, 10], back.Item2, float32);
                picture[0, 0, 2, 2] = left;
                picture[0, 0, 3, 7] = right;
                pictures.Add(picture);
                captions.Add([back.Item1, side]);
            }
        }

        var all = cat(pictures);
        var encoded = captions.Select(Colours.Encode).ToArray();
        var input = tensor(encoded.SelectMany(words => new long[] { Vocabulary.Start, words[0], words[1] }).ToArray(), [6, 3]);
        var output = tensor(encoded.SelectMany(words => new long[] { words[0], words[1], Vocabulary.End }).ToArray(), [6, 3]);
        model.train();
        using var optimizer = optim.Adam(model.parameters(), 0.02);
        for (var step = 0; step < 150; step++)
        {
            using var stepScope = NewDisposeScope();
            optimizer.zero_grad();
            CaptionLoss.Of(model.call(all, input, true), output, 0.01).backward();
            optimizer.step();
        }

        model.eval();
        var greedy = new GreedyDecoder(model, 5).Decode(all, model.PlaceCounts(6), needWeights: true);
        Assert.Equal(captions, greedy.Select(hypothesis => Colours.Decode(hypothesis.Tokens)));
        Assert.All(greedy, hypothesis => Assert.Equal((3, 15), (hypothesis.Weights!.GetLength(0), hypothesis.Weights.GetLength(1))));
        var beam = new BeamSearch(model, new() { Width = 3, MaximumLength = 5 }).Decode(all, model.PlaceCounts(6), needWeights: true);
        Assert.Equal(captions, beam.Select(best => Colours.Decode(best[0].Tokens)));
        foreach (var (one, best) in greedy.Zip(beam))
            TensorAssert.Close(one.Weights!, best[0].Weights!, atol: 1e-4);
    }

    [Fact]
    public void Bad_input_is_named()
    {
        using var scope = NewDisposeScope();
        var encoder = new ConvolutionalEncoder(1, (4, true));
        var options = new CaptionOptions { Picture = new(1, 6, 10), Vocabulary = Words };
        Assert.Throws<ArgumentOutOfRangeException>("options", () => new CaptionModel(encoder, options with { Picture = new(1, 0, 10) }));
        Assert.Throws<ArgumentOutOfRangeException>("options", () => new CaptionModel(encoder, options with { Vocabulary = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>("options", () => new CaptionModel(encoder, options with { HiddenWidth = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>("options", () => new CaptionModel(encoder, options with { EmbeddingWidth = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>("dropout", () => new CaptionModel(encoder, options with { Dropout = 1 }));
        var flat = Assert.Throws<ArgumentException>("encoder", () => new CaptionModel(nn.Sequential(nn.Flatten()), options));
        Assert.Contains("to [1,60]", flat.Message, StringComparison.Ordinal);

        using var model = Make();
        var words = tensor(new long[,] { { 1, 4 } });
        Check("pictures", "[B,1,6,10], got [1,3,6,10]", () => model.call(zeros(1, 3, 6, 10), words, false));
        Check("pictures", "[B,1,6,10], got [1,1,6,9]", () => model.call(zeros(1, 1, 6, 9), words, false));
        Check("pictures", "got Byte", () => model.call(zeros([1, 1, 6, 10], ScalarType.Byte), words, false));
        Check("targetInput", "[2,T], got [1,2]", () => model.call(zeros(2, 1, 6, 10), words, false));
        Check("source", "got [1,6,10]", () => model.Start(zeros(1, 6, 10), model.PlaceCounts(1)));
        Check("sourceLengths", "15 places of every picture, got 14", () => model.Start(zeros(1, 1, 6, 10), tensor(new long[] { 14 })));
        Check("sourceLengths", "1 lengths, one a sequence, got 2", () => model.Start(zeros(1, 1, 6, 10), model.PlaceCounts(2)));

        static void Check(string argument, string expected, Func<object> act)
        {
            var error = Assert.Throws<ArgumentException>(argument, act);
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }
    }
}
