using ContextAware.Models.VisionLanguage;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.VisionLanguage;

public class QuestionAnsweringModelTests
{
    private const int Answers = 4;

    public static TheoryData<bool> Kinds => [false, true];

    private static QuestionAnsweringModel Make(bool stacked, double dropout = 0)
    {
        var model = new QuestionAnsweringModel(nn.Sequential(new ConvolutionalEncoder(1, (6, true)), new CoordinateChannels()), new()
        {
            Picture = new(1, 6, 8),
            Vocabulary = 9,
            Answers = Answers,
            EmbeddingWidth = 5,
            QuestionWidth = 12,
            HiddenWidth = 16,
            Stacked = stacked,
            Dropout = dropout,
        });
        model.eval();
        return model;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Answers_and_maps_have_their_shapes_and_gradients_are_right(bool stacked)
    {
        using var scope = NewDisposeScope();
        manual_seed(9);
        using var model = Make(stacked);
        var (questions, lengths) = Questions();
        var answer = model.call(randn(2, 1, 6, 8), questions, lengths);
        TensorAssert.Shape([4, Answers], answer.Logits);
        TensorAssert.Shape([4, 2, 3, 4], answer.Maps);
        TensorAssert.Close(ones(4, 2), answer.Maps.flatten(2).sum(-1L));
        GradientCheck.Module(model, x => model.call(x[0], questions, lengths).Logits, randn(2, 1, 6, 8));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Nothing_is_left_behind(bool stacked)
    {
        using var scope = NewDisposeScope();
        using var model = Make(stacked);
        var (questions, lengths) = Questions();
        var pictures = randn(2, 1, 6, 8);
        LeakCheck.Tensors(() =>
        {
            using var round = NewDisposeScope();
            model.call(pictures, questions, lengths).Logits.sum().backward();
            model.zero_grad();
        });
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void It_learns_to_look_where_it_is_asked_to(bool stacked)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(13);
        using var model = Make(stacked);
        // Word 3 asks for the left half, word 4 for the right half; the answer is what is there.
        var random32 = new Random(1);
        var (left, right) = (new long[64], new long[64]);
        var pictures = zeros(64, 1, 6, 8);
        for (var i = 0; i < 64; i++)
        {
            (left[i], right[i]) = (random32.Next(Answers), random32.Next(Answers));
            pictures[i, 0, 1 + (left[i] / 2), 1 + (left[i] % 2)] = 1;
            pictures[i, 0, 1 + (right[i] / 2), 5 + (right[i] % 2)] = 1;
        }

        var questions = tensor(Enumerable.Range(0, 128).Select(i => 3L + (i % 2)).ToArray(), [128, 1]);
        var lengths = ones(128, ScalarType.Int64);
        var truth = tensor(left.Zip(right).SelectMany(pair => new[] { pair.First, pair.Second }).ToArray());
        model.train();
        using var optimizer = optim.Adam(model.parameters(), 0.01);
        for (var step = 0; step < 200; step++)
        {
            using var stepScope = NewDisposeScope();
            optimizer.zero_grad();
            nn.functional.cross_entropy(model.call(pictures, questions, lengths).Logits, truth).backward();
            optimizer.step();
        }

        model.eval();
        var answered = model.call(pictures, questions, lengths);
        var share = (answered.Logits.argmax(1) == truth).to(float32).mean().item<float>();
        Assert.True(share > 0.95, $"{share:0.00} of the answers are right.");
    }

    [Fact]
    public void Bad_input_is_named()
    {
        using var scope = NewDisposeScope();
        var encoder = new ConvolutionalEncoder(1, (6, true));
        var options = new QuestionAnsweringOptions { Picture = new(1, 6, 8), Vocabulary = 9, Answers = Answers };
        Assert.Throws<ArgumentOutOfRangeException>("options", () => new QuestionAnsweringModel(encoder, options with { Answers = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>("options", () => new QuestionAnsweringModel(encoder, options with { Picture = new(0, 6, 8) }));
        Assert.Throws<ArgumentOutOfRangeException>("vocabulary", () => new QuestionAnsweringModel(encoder, options with { Vocabulary = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>("dropout", () => new QuestionAnsweringModel(encoder, options with { Dropout = -1 }));
        using var model = Make(stacked: false);
        var (questions, lengths) = Questions();
        Check("pictures", "[B,1,6,8], got [2,1,8,8]", () => model.call(zeros(2, 1, 8, 8), questions, lengths));
        Check("questions", "each of 3 pictures, got 4 questions", () => model.call(zeros(3, 1, 6, 8), questions, lengths));
        Check("lengths", "from 1 to 3, got 0", () => model.call(zeros(2, 1, 6, 8), questions, zeros(4, ScalarType.Int64)));

        static void Check(string argument, string expected, Func<object> act)
        {
            var error = Assert.Throws<ArgumentException>(argument, act);
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }
    }

    private static (Tensor Questions, Tensor Lengths) Questions() =>
        (tensor(new long[,] { { 3, 4, 5 }, { 6, 0, 0 }, { 7, 8, 0 }, { 3, 3, 3 } }), tensor(new long[] { 3, 1, 2, 3 }));
}
