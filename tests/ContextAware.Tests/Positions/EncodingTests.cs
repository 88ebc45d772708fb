using ContextAware.Positions;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Positions;

public sealed class EncodingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(6, PairLayout.Interleaved)]
    [InlineData(6, PairLayout.Halves)]
    [InlineData(7, PairLayout.Interleaved)]
    [InlineData(1, PairLayout.Interleaved)]
    public void Sines_and_cosines_are_those_of_the_paper(int width, PairLayout layout)
    {
        var actual = new SinusoidalEncoding(width, layout: layout).forward(zeros(1, 90, width, dtype: ScalarType.Float64), 3);
        var expected = new double[1, 90, width];
        for (var t = 0; t < 90; t++)
            for (var i = 0; 2 * i < width; i++)
            {
                var (sin, cos) = Math.SinCos((t + 3) / Math.Pow(10_000, 2.0 * i / width));
                var (one, two) = layout == PairLayout.Interleaved ? (2 * i, 2 * i + 1) : (i, i + width / 2);
                expected[0, t, one] = sin;
                if (two < width)
                    expected[0, t, two] = cos;
            }
        TensorAssert.Close(expected, actual, 1e-12, 1e-12);
    }

    [Fact]
    public void Encodings_are_added_to_the_input()
    {
        var (x, encoding) = (randn(2, 3, 4), new SinusoidalEncoding(4));
        TensorAssert.Close(x + encoding.call(zeros(2, 3, 4)), encoding.call(x));
        TensorAssert.Close(encoding.call(x)[0], encoding.call(x[0]));
        TensorAssert.Close(new[,] { { 0.0, 1, 0, 1 } }, encoding.call(zeros(1, 4)));
    }

    [Fact]
    public void A_product_of_encodings_depends_on_the_distance_only()
    {
        var table = new SinusoidalEncoding(8).call(zeros(200, 8, dtype: ScalarType.Float64));
        Assert.Equal(table[3].dot(table[8]).item<double>(), table[103].dot(table[108]).item<double>(), 1e-12);
    }

    [Fact]
    public void Ids_choose_the_positions()
    {
        var ids = tensor(new long[,] { { 5, 0, 70 }, { 1, 1, 2 } });
        var x = randn(2, 3, 4, dtype: ScalarType.Float64);
        var sinusoidal = new SinusoidalEncoding(4);
        var learned = new LearnedEncoding(71, 4).to(ScalarType.Float64);
        var (actual, alsoActual) = (sinusoidal.ForwardAt(x, ids), learned.ForwardAt(x, ids));
        for (var b = 0; b < 2; b++)
            for (var t = 0; t < 3; t++)
            {
                var (vector, id) = (x[b].narrow(0, t, 1), ids[b, t].item<long>());
                TensorAssert.Close(sinusoidal.forward(vector, id), actual[b].narrow(0, t, 1), 1e-13, 1e-13);
                TensorAssert.Close(learned.forward(vector, id), alsoActual[b].narrow(0, t, 1), 1e-13, 1e-13);
            }
        TensorAssert.Equal(sinusoidal.call(x), sinusoidal.ForwardAt(x, arange(3)));
    }

    [Fact]
    public void Learned_vectors_are_added_from_the_offset_on()
    {
        var encoding = new LearnedEncoding(5, 2);
        using (no_grad())
            encoding.get_parameter("weight")!.copy_(arange(10, ScalarType.Float32).reshape(5, 2));
        TensorAssert.Close(new[,,] { { { 0.0, 1 }, { 2, 3 } } }, encoding.call(zeros(1, 2, 2)).detach());
        TensorAssert.Close(new[,,] { { { 7.0, 8 }, { 9, 10 } } }, encoding.forward(ones(1, 2, 2), 3).detach());
        Assert.Equal(["weight"], encoding.state_dict().Keys);
    }

    [Fact]
    public void Learned_vectors_start_small()
    {
        var weight = new LearnedEncoding(1000, 100, deviation: 0.05).get_parameter("weight")!;
        Assert.Equal(0.05, weight.std().item<float>(), 0.002);
        Assert.Equal(0, weight.mean().item<float>(), 0.002);
    }

    [Fact]
    public void Gradients_are_right()
    {
        var encoding = new LearnedEncoding(4, 3).to(ScalarType.Float64);
        GradientCheck.Module(encoding, inputs => encoding.forward(inputs[0], 1), randn(2, 3, 3, dtype: ScalarType.Float64));
        GradientCheck.Module(encoding, inputs => encoding.ForwardAt(inputs[0], tensor(new long[,] { { 0, 3, 3 }, { 1, 2, 0 } })), randn(2, 3, 3, dtype: ScalarType.Float64));
    }

    [Fact]
    public void The_sinusoidal_table_is_in_no_state_dict_and_leaves_nothing_behind()
    {
        var encoding = new SinusoidalEncoding(4);
        var x = randn(2, 3, 4);
        var offset = 1L;
        LeakCheck.Tensors(() =>
        {
            using var inner = NewDisposeScope();
            encoding.forward(x, offset);
            encoding.ForwardAt(x, arange(3));
            offset *= 2; // The table grows, and the old one goes.
        });
        Assert.Empty(encoding.state_dict());
    }

    [Fact]
    public void Both_pass_the_conformance_run()
    {
        new ModuleConformance<SinusoidalEncoding>
        {
            Create = Warm,
            Inputs = () => [randn(2, 5, 6)],
            Forward = (module, inputs) => [module.call(inputs[0])],
            OutputShapes = [[2, 5, 6]],
            Parameters = "",
        }.Run();
        new ModuleConformance<LearnedEncoding>
        {
            Create = () => new LearnedEncoding(5, 6),
            Inputs = () => [randn(2, 5, 6)],
            Forward = (module, inputs) => [module.call(inputs[0])],
            OutputShapes = [[2, 5, 6]],
            Parameters = "weight [5, 6]",
        }.Run();
    }

    [Fact]
    public void Bad_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("width", () => new SinusoidalEncoding(0));
        Assert.Throws<ArgumentOutOfRangeException>("period", () => new SinusoidalEncoding(2, period: 0));
        Assert.Throws<ArgumentException>("width", () => new SinusoidalEncoding(3, layout: PairLayout.Halves));
        Assert.Throws<ArgumentException>("input", () => new SinusoidalEncoding(4).forward(ones(2, 3)));
        Assert.Throws<ArgumentException>("input", () => new SinusoidalEncoding(4).forward(ones(4)));
        Assert.Throws<ArgumentOutOfRangeException>("offset", () => new SinusoidalEncoding(4).forward(ones(2, 4), -1));
        Assert.Throws<ArgumentOutOfRangeException>("capacity", () => new LearnedEncoding(0, 4));
        Assert.Throws<ArgumentOutOfRangeException>("width", () => new LearnedEncoding(4, 0));
        Assert.Throws<ArgumentOutOfRangeException>("deviation", () => new LearnedEncoding(4, 4, -1));
        Assert.Throws<ArgumentOutOfRangeException>("offset", () => new LearnedEncoding(4, 4).forward(ones(3, 4), 2));
        Assert.Throws<ArgumentException>("ids", () => new LearnedEncoding(4, 4).ForwardAt(ones(2, 3, 4), zeros(3, 3, dtype: ScalarType.Int64)));
    }

    // With its table, so that the run finds no tensor that the first forward kept.
    private static SinusoidalEncoding Warm()
    {
        var encoding = new SinusoidalEncoding(6);
        encoding.call(zeros(1, 1, 6)).Dispose();
        return encoding;
    }
}
