using ContextAware.Models.VisionLanguage;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.VisionLanguage;

public class QuestionAttentionTests
{
    private const int C = 5, Q = 4;

    public static TheoryData<bool> Kinds => [false, true];

    private static QuestionAttention Make(bool stacked) => stacked ? new StackedAttention(C, Q, 7, layers: 3) : new GlimpseAttention(C, Q, 7, glimpses: 3);

    [Theory]
    [InlineData(false, 19, """
        v_conv.weight [7, 5]
        q_lin.weight [7, 4]
        q_lin.bias [7]
        x_conv.weight [3, 7]
        x_conv.bias [3]
        """)]
    [InlineData(true, 4, """
        image.weight [4, 5]
        image.bias [4]
        image_hidden.0.weight [7, 4]
        image_hidden.1.weight [7, 4]
        image_hidden.2.weight [7, 4]
        question_hidden.0.weight [7, 4]
        question_hidden.0.bias [7]
        question_hidden.1.weight [7, 4]
        question_hidden.1.bias [7]
        question_hidden.2.weight [7, 4]
        question_hidden.2.bias [7]
        score.0.weight [1, 7]
        score.0.bias [1]
        score.1.weight [1, 7]
        score.1.bias [1]
        score.2.weight [1, 7]
        score.2.bias [1]
        """)]
    public void It_owes_what_every_module_owes(bool stacked, long width, string parameters) => new ModuleConformance<QuestionAttention>
    {
        Create = () => Make(stacked),
        Inputs = () => [randn(2, C, 3, 2), randn(4, Q)],
        Forward = (m, x) =>
        {
            var seen = m.call(x[0], x[1]);
            return [seen.Joint, seen.Maps];
        },
        OutputShapes = [[4, width], [4, 3, 3, 2]],
        Parameters = parameters,
        // They add the same to the scores of all places.
        ParametersWithoutGradient = ["x_conv.bias", "score.0.bias", "score.1.bias", "score.2.bias"],
    }.Run();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Glimpses_are_what_loops_give(bool normalize)
    {
        using var scope = NewDisposeScope();
        using var attention = new GlimpseAttention(C, Q, 7, glimpses: 3, normalize: normalize);
        attention.to(ScalarType.Float64);
        var (features, question) = (randn(1, C, 3, 2, ScalarType.Float64), randn(1, Q, ScalarType.Float64));
        var actual = attention.call(features, question);
        var weights = attention.state_dict();
        var places = TensorArrays.Matrix(features[0].flatten(1).t());
        for (var place = 0; place < 6; place++)
        {
            var length = !normalize ? 1 : Math.Sqrt(Enumerable.Range(0, C).Sum(c => places[place, c] * places[place, c]));
            for (var c = 0; c < C; c++) places[place, c] /= length;
        }

        for (var glimpse = 0; glimpse < 3; glimpse++)
        {
            var scores = Enumerable.Range(0, 6).Select(place =>
            {
                var joined = cat([TensorArrays.From(places)[place], question[0]]);
                var hidden = matmul(cat([weights["v_conv.weight"], weights["q_lin.weight"]], 1), joined) + weights["q_lin.bias"];
                return Math.Exp((dot(hidden.relu(), weights["x_conv.weight"][glimpse]) + weights["x_conv.bias"][glimpse]).item<double>());
            }).ToArray();
            var map = scores.Select(score => score / scores.Sum()).ToArray();
            TensorAssert.Close(map, actual.Maps[0, glimpse].flatten(), 1e-10, 1e-10);
            var seen = Enumerable.Range(0, C).Select(c => Enumerable.Range(0, 6).Sum(place => map[place] * places[place, c])).ToArray();
            TensorAssert.Close(seen, actual.Joint[0].narrow(0, glimpse * C, C), 1e-10, 1e-10);
        }

        TensorAssert.Equal(question[0], actual.Joint[0].narrow(0, 3 * C, Q));
    }

    [Fact]
    public void Stacked_attention_is_what_its_equations_give()
    {
        using var scope = NewDisposeScope();
        using var attention = Make(stacked: true);
        var (features, question) = (randn(1, C, 3, 2), randn(1, Q));
        var actual = attention.call(features, question);
        var weights = attention.state_dict();
        var places = (matmul(features[0].flatten(1).t(), weights["image.weight"].t()) + weights["image.bias"]).tanh();       // [N,Q]
        var refined = question[0];
        for (var layer = 0; layer < 3; layer++)
        {
            var hidden = (matmul(places, weights[$"image_hidden.{layer}.weight"].t())
                + matmul(weights[$"question_hidden.{layer}.weight"], refined) + weights[$"question_hidden.{layer}.bias"]).tanh();
            var map = matmul(hidden, weights[$"score.{layer}.weight"][0]).softmax(0);
            TensorAssert.Close(map, actual.Maps[0, layer].flatten(), 1e-4, 1e-5);
            refined = matmul(map, places) + refined;
        }

        TensorAssert.Close(refined, actual.Joint[0], 1e-4, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Gradients_are_right(bool stacked)
    {
        using var attention = Make(stacked);
        GradientCheck.Module(attention, x =>
        {
            var seen = attention.call(x[0], x[1]);
            return cat([seen.Joint, seen.Maps.flatten(1)], 1);
        }, randn(2, C, 2, 3), randn(4, Q));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Many_questions_to_a_picture_get_the_answers_of_each_alone(bool stacked)
    {
        using var scope = NewDisposeScope();
        using var attention = Make(stacked);
        var (features, questions) = (randn(2, C, 3, 2), randn(6, Q));
        var together = attention.call(features, questions);
        TensorAssert.Close(ones(6, 3), together.Maps.flatten(2).sum(-1L));
        for (var i = 0; i < 6; i++)
        {
            var alone = attention.call(features.narrow(0, i / 3, 1), questions.narrow(0, i, 1));
            TensorAssert.Close(alone.Joint[0], together.Joint[i], 1e-4, 1e-5);
            TensorAssert.Close(alone.Maps[0], together.Maps[i], 1e-4, 1e-5);
        }
    }

    [Fact]
    public void Dropout_works_in_training_only()
    {
        using var scope = NewDisposeScope();
        using var attention = new GlimpseAttention(C, Q, 64, dropout: 0.5);
        var (features, question) = (randn(1, C, 3, 2), randn(1, Q));
        Assert.False(attention.call(features, question).Maps.allclose(attention.call(features, question).Maps));
        attention.eval();
        TensorAssert.Equal(attention.call(features, question).Maps, attention.call(features, question).Maps);
    }

    [Fact]
    public void Bad_input_is_named()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentOutOfRangeException>("channels", () => new GlimpseAttention(0, Q));
        Assert.Throws<ArgumentOutOfRangeException>("questionWidth", () => new StackedAttention(C, 0));
        Assert.Throws<ArgumentOutOfRangeException>("hidden", () => new GlimpseAttention(C, Q, 0));
        Assert.Throws<ArgumentOutOfRangeException>("glimpses", () => new GlimpseAttention(C, Q, glimpses: 0));
        Assert.Throws<ArgumentOutOfRangeException>("dropout", () => new GlimpseAttention(C, Q, dropout: 1));
        Assert.Throws<ArgumentOutOfRangeException>("layers", () => new StackedAttention(C, Q, layers: 0));
        using var attention = Make(stacked: false);
        Check("features", "[P,5,h,w], got [2,4,3,2]", zeros(2, 4, 3, 2), zeros(2, Q));
        Check("features", "got [2,5,3]", zeros(2, C, 3), zeros(2, Q));
        Check("question", "[B,4], got [2,3]", zeros(2, C, 3, 2), zeros(2, 3));
        Check("question", "each of 2 pictures, got 3 questions", zeros(2, C, 3, 2), zeros(3, Q));

        void Check(string argument, string expected, Tensor features, Tensor question)
        {
            var error = Assert.Throws<ArgumentException>(argument, () => attention.call(features, question));
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }
    }
}
