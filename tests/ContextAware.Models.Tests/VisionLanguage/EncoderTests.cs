using ContextAware.Models.VisionLanguage;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.VisionLanguage;

/// <summary>What pictures and questions are read by.</summary>
public class EncoderTests
{
    [Fact]
    public void The_convolutional_encoder_owes_what_every_module_owes()
    {
        manual_seed(5);
        new ModuleConformance<ConvolutionalEncoder>
        {
            Create = () => new ConvolutionalEncoder(2, (5, true), (7, false)),
            Inputs = () => [randn(3, 2, 7, 5)],
            Forward = (m, x) => [m.call(x[0])],
            OutputShapes = [[3, 7, 4, 3]],
            Parameters = """
                layers.0.weight [5, 2, 3, 3]
                layers.1.weight [5]
                layers.1.bias [5]
                layers.3.weight [7, 5, 3, 3]
                layers.4.weight [7]
                layers.4.bias [7]
                layers.1.running_mean [5]
                layers.1.running_var [5]
                layers.1.num_batches_tracked []
                layers.4.running_mean [7]
                layers.4.running_var [7]
                layers.4.num_batches_tracked []
                """,
        }.Run();
    }

    [Fact]
    public void Coordinates_run_from_minus_one_to_one()
    {
        using var scope = NewDisposeScope();
        using var module = new CoordinateChannels();
        var input = randn(2, 1, 3, 2);
        var output = module.call(input);
        TensorAssert.Equal(input, output.narrow(1, 0, 1));
        TensorAssert.Close(new[,] { { -1, -1 }, { 0, 0 }, { 1, 1 } }, output[1, 1]);
        TensorAssert.Close(new[,] { { -1, 1 }, { -1, 1 }, { -1, 1 } }, output[1, 2]);
        TensorAssert.AllZero(module.call(randn(1, 1, 1, 1)).narrow(1, 1, 2));
        Assert.Equal((2.0 / 3) - 1, module.call(zeros(1, 1, 4, 1, float64))[0, 1, 1, 0].item<double>(), 1e-15);
        LeakCheck.Tensors(() => module.call(input).Dispose());
    }

    [Fact]
    public void A_question_is_the_same_in_any_batch()
    {
        using var scope = NewDisposeScope();
        using var reader = new QuestionEncoder(9, 4, 6);
        var all = reader.call(tensor(new long[,] { { 3, 4, 5, 6 }, { 7, 8, 0, 0 } }), tensor(new long[] { 4, 2 }));
        TensorAssert.Shape([2, 6], all);
        TensorAssert.Close(reader.call(tensor(new long[,] { { 7, 8 } }), tensor(new long[] { 2 }))[0], all[1], atol: 1e-6);
        GradientCheck.Module(reader, _ => reader.call(tensor(new long[,] { { 3, 4, 5 }, { 7, 0, 0 } }), tensor(new long[] { 3, 1 })));
    }

    [Fact]
    public void Bad_input_is_named()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentOutOfRangeException>("channels", () => new ConvolutionalEncoder(0, (4, true)));
        Assert.Throws<ArgumentException>("blocks", () => new ConvolutionalEncoder(1));
        Assert.Throws<ArgumentOutOfRangeException>("blocks", () => new ConvolutionalEncoder(1, (0, true)));
        Assert.Throws<ArgumentOutOfRangeException>("vocabulary", () => new QuestionEncoder(0, 4, 6));
        Assert.Throws<ArgumentOutOfRangeException>("embeddingWidth", () => new QuestionEncoder(9, 0, 6));
        Assert.Throws<ArgumentOutOfRangeException>("width", () => new QuestionEncoder(9, 4, 0));
        using var coordinates = new CoordinateChannels();
        var rank = Assert.Throws<ArgumentException>("input", () => coordinates.call(zeros(2, 3, 4)));
        Assert.Contains("[B,C,H,W], got [2,3,4]", rank.Message, StringComparison.Ordinal);
        using var reader = new QuestionEncoder(9, 4, 6);
        var type = Assert.Throws<ArgumentException>("questions", () => reader.call(zeros(2, 3), tensor(new long[] { 3, 3 })));
        Assert.Contains("Int64, got Float32", type.Message, StringComparison.Ordinal);
    }
}
