using ContextAware.Positions;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Positions;

public sealed class RotaryEmbeddingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(PairLayout.Interleaved)]
    [InlineData(PairLayout.Halves)]
    public void One_pair_is_turned_by_its_position(PairLayout layout)
    {
        var rotary = new RotaryEmbedding(2, layout: layout);
        var turned = rotary.call(tensor(new double[] { 1, 0, 1, 0, 0, 1 }, [1, 1, 3, 2]), 0);
        TensorAssert.Close(new[,,,] { { { { 1, 0 }, { Math.Cos(1), Math.Sin(1) }, { -Math.Sin(2), Math.Cos(2) } } } }, turned, 1e-14, 1e-14);
    }

    [Fact]
    public void The_layouts_pair_neighbours_or_halves()
    {
        var x = tensor(new double[] { 1, 0, 0, 0 }, [1, 4]);
        var second = Math.Pow(10_000, -0.5);
        TensorAssert.Close(new[,] { { Math.Cos(3), Math.Sin(3), 0, 0 } }, new RotaryEmbedding(4, layout: PairLayout.Interleaved).call(x, 3), 1e-14, 1e-14);
        TensorAssert.Close(new[,] { { Math.Cos(3), 0, Math.Sin(3), 0 } }, new RotaryEmbedding(4, layout: PairLayout.Halves).call(x, 3), 1e-14, 1e-14);
        var y = tensor(new double[] { 0, 0, 0, 1 }, [1, 4]);
        TensorAssert.Close(new[,] { { 0, 0, -Math.Sin(3 * second), Math.Cos(3 * second) } }, new RotaryEmbedding(4, layout: PairLayout.Interleaved).call(y, 3), 1e-14, 1e-14);
        TensorAssert.Close(new[,] { { 0, -Math.Sin(3 * second), 0, Math.Cos(3 * second) } }, new RotaryEmbedding(4, layout: PairLayout.Halves).call(y, 3), 1e-14, 1e-14);
    }

    [Fact]
    public void A_position_beyond_all_memory_leaves_the_others_as_they_were()
    {
        var rotary = new RotaryEmbedding(6);
        var x = randn(1, 2, 5, 6);
        var expected = rotary.call(x, 3);
        Assert.ThrowsAny<Exception>(() => rotary.Angles(1L << 50, 1, x.dtype, x.device));
        TensorAssert.Equal(expected, rotary.call(x, 3));
    }

    [Fact]
    public void It_equals_naive_loops() => RandomCases.Run(60, c =>
    {
        var layout = c.Pick("layout", PairLayout.Interleaved, PairLayout.Halves);
        var rotated = 2 * c.Size("pairs", 7);
        var passed = c.Pick("passed", 0L, 1L, 3L);
        var (batch, heads, length) = (c.Size("B", 3), c.Size("H", 3), c.Size("T", 7, zero: true));
        var offset = c.Pick("offset", 0L, 1L, 61L, 1000L);
        var period = c.Pick("period", 10_000.0, 500_000.0, 37.0);
        var x = c.Normal(batch, heads, length, rotated + passed);
        var actual = new RotaryEmbedding(rotated + passed, period, layout, rotated).call(x, offset);
        TensorAssert.Close(Naive(x, rotated, period, layout, (_, t) => offset + t), actual, 1e-11, 1e-11);
    });

    [Fact]
    public void Ids_give_each_vector_its_own_position() => RandomCases.Run(30, c =>
    {
        var layout = c.Pick("layout", PairLayout.Interleaved, PairLayout.Halves);
        var (batch, heads, length) = (c.Size("B", 3), c.Size("H", 3), c.Size("T", 7, zero: true));
        var ids = new long[batch, length];
        for (var b = 0; b < batch; b++)
            for (var t = 0; t < length; t++)
                ids[b, t] = c.Random.Next(300);
        var x = c.Normal(batch, heads, length, 6);
        var actual = new RotaryEmbedding(6, layout: layout).ForwardAt(x, tensor(ids));
        TensorAssert.Close(Naive(x, 6, 10_000, layout, (b, t) => ids[b, t]), actual, 1e-11, 1e-11);
    });

    [Fact]
    public void Ids_without_a_batch_serve_every_batch()
    {
        var rotary = new RotaryEmbedding(6);
        var x = randn(2, 3, 5, 6, dtype: ScalarType.Float64);
        TensorAssert.Close(rotary.call(x, 7), rotary.ForwardAt(x, arange(7, 12)), 1e-13, 1e-13);
    }

    [Theory]
    [InlineData(PairLayout.Interleaved)]
    [InlineData(PairLayout.Halves)]
    public void A_product_depends_on_the_distance_only(PairLayout layout)
    {
        var rotary = new RotaryEmbedding(10, layout: layout, rotaryWidth: 6);
        var (q, k) = (randn(1, 10, dtype: ScalarType.Float64), randn(1, 10, dtype: ScalarType.Float64));
        double Product(long m, long n) => (rotary.call(q, m) * rotary.call(k, n)).sum().item<double>();
        foreach (var (m, n) in new[] { (0L, 0L), (5, 2), (2, 5), (90, 17) })
            foreach (var shift in new[] { 1L, 100, 5000 })
                Assert.Equal(Product(m, n), Product(m + shift, n + shift), 1e-9);
        Assert.NotEqual(Product(5, 2), Product(5, 3), 1e-3);
    }

    [Fact]
    public void A_sequence_in_chunks_is_turned_as_in_one()
    {
        var rotary = new RotaryEmbedding(8);
        var x = randn(2, 3, 200, 8);
        var whole = rotary.call(x, 0);
        var chunks = cat([rotary.call(x.narrow(2, 0, 1), 0), rotary.call(x.narrow(2, 1, 66), 1), rotary.call(x.narrow(2, 67, 133), 67)], 2);
        TensorAssert.Close(whole, chunks);
    }

    [Fact]
    public void A_decoding_step_is_turned_as_a_sequence()
    {
        var rotary = new RotaryEmbedding(8, layout: PairLayout.Interleaved);
        var x = randn(2, 3, 70, 8, dtype: ScalarType.Float64);
        var whole = rotary.call(x, 0);
        foreach (var t in new[] { 5, 5, 69, 0 })
            TensorAssert.Close(whole.narrow(2, t, 1), rotary.call(x.narrow(2, t, 1), t), 1e-14, 1e-14);
        TensorAssert.Close(whole.narrow(2, 5, 1), rotary.call(x.narrow(2, 5, 1).to(ScalarType.Float32), 5));
    }

    [Fact]
    public void Threads_do_not_disturb_one_another()
    {
        var rotary = new RotaryEmbedding(8);
        var x = randn(1, 2, 1, 8);
        var expected = Enumerable.Range(0, 100).Select(t => TensorArrays.Flat(rotary.call(x, t))).ToArray();
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, worker =>
        {
            using var inner = NewDisposeScope();
            for (var t = worker; t < 400; t++)
                Assert.Equal(expected[t % 100], TensorArrays.Flat(rotary.call(x, t % 100)));
        });
        rotary.Dispose();
    }

    [Fact]
    public void Angles_made_once_serve_all_layers()
    {
        var rotary = new RotaryEmbedding(8, rotaryWidth: 4);
        var x = randn(2, 3, 5, 8);
        TensorAssert.Equal(rotary.call(x, 9), rotary.Rotate(x, rotary.Angles(9, 5, ScalarType.Float32, CPU)));
    }

    [Theory]
    [InlineData(PairLayout.Interleaved)]
    [InlineData(PairLayout.Halves)]
    public void Tables_of_others_can_be_used(PairLayout layout)
    {
        var rotary = new RotaryEmbedding(6, layout: layout);
        var x = randn(2, 3, 5, 6, dtype: ScalarType.Float64);
        var angles = arange(4, 9, ScalarType.Float64).outer(tensor(new[] { 1, Math.Pow(10_000, -1 / 3.0), Math.Pow(10_000, -2 / 3.0) }));
        TensorAssert.Close(rotary.call(x, 4), rotary.Rotate(x, rotary.Angles(angles.cos(), angles.sin())), 1e-12, 1e-12);
        var batch = angles.expand(2, 5, 3);
        TensorAssert.Close(rotary.call(x, 4), rotary.Rotate(x, rotary.Angles(batch.cos(), batch.sin())), 1e-12, 1e-12);
    }

    [Fact]
    public void The_tables_are_those_of_a_trained_Llama_model()
    {
        using var file = File.OpenRead(Path.Combine(SharedData.Unpack("stories260K.tar.xz"), "stories260K.bin"));
        const int length = 512, pairs = 4;
        var bytes = new byte[2 * length * pairs * sizeof(float)];
        file.Seek(-bytes.Length, SeekOrigin.End);
        file.ReadExactly(bytes);
        var tables = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes).ToArray();
        var angles = new RotaryEmbedding(2 * pairs, layout: PairLayout.Interleaved).Angles(0, length, ScalarType.Float32, CPU);
        TensorAssert.Close(tensor(tables, [2, length, pairs])[0], angles.Cos.slice(1, 0, 8, 2), 0, 4e-5);
        TensorAssert.Close(tensor(tables, [2, length, pairs])[1], angles.Sin.slice(1, 1, 8, 2), 0, 4e-5);
    }

    [Fact]
    public void Gradients_are_right() => GradientCheck.Function(
        inputs => new RotaryEmbedding(6, layout: PairLayout.Interleaved, rotaryWidth: 4).call(inputs[0], 3) + new RotaryEmbedding(6).call(inputs[0], 2),
        randn(2, 3, 6, dtype: ScalarType.Float64));

    [Fact]
    public void The_type_of_the_heads_is_kept()
    {
        var x = randn(1, 2, 3, 4);
        var actual = new RotaryEmbedding(4).call(x.to(ScalarType.BFloat16), 5);
        TensorAssert.Type(ScalarType.BFloat16, actual);
        TensorAssert.Close(new RotaryEmbedding(4).call(x, 5), actual.to(ScalarType.Float32), 0.05, 0.05);
    }

    [Fact]
    public void Tables_made_in_inference_mode_serve_training()
    {
        var rotary = new RotaryEmbedding(4);
        using (inference_mode())
        {
            rotary.call(randn(1, 3, 4), 0);
            rotary.call(randn(1, 1, 4), 0);
        }
        foreach (var length in new[] { 3, 1 })
        {
            var x = randn(1, length, 4, requires_grad: true);
            rotary.call(x, 0).sum().backward();
            TensorAssert.AllFinite(x.grad!);
        }
    }

    [Fact]
    public void No_state_dict_holds_a_table()
    {
        var rotary = new RotaryEmbedding(4);
        rotary.call(randn(1, 3, 4), 0);
        Assert.Empty(rotary.state_dict());
        Assert.Empty(rotary.parameters());
        Assert.Empty(rotary.buffers());
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        var rotary = new RotaryEmbedding(6, layout: PairLayout.Interleaved, rotaryWidth: 4);
        var (x, ids, one, step) = (randn(2, 3, 5, 6), arange(5), randn(2, 3, 1, 6), new RotaryEmbedding(6));
        var length = 10L;
        LeakCheck.Tensors(() =>
        {
            rotary.call(x, length).Dispose();
            rotary.ForwardAt(x, ids).Dispose();
            step.call(one, length).Dispose();
            length *= 2; // The tables grow, and the old ones go.
        });
        LeakCheck.Tensors(() =>
        {
            using var brief = new RotaryEmbedding(6);
            brief.call(x, 0).Dispose();
            brief.call(one, 0).Dispose();
        });
    }

    [Fact]
    public void One_position_is_turned_in_bfloat16_and_then_in_float32_again()
    {
        var rotary = new RotaryEmbedding(8);
        var x = randn(1, 2, 1, 8);
        var expected = rotary.call(x, 3);
        TensorAssert.Close(expected, rotary.call(x.to(ScalarType.BFloat16), 3).to(ScalarType.Float32), 0.05, 0.05);
        TensorAssert.Equal(expected, rotary.call(x, 3));
    }

    [Fact]
    public void Another_thread_may_dispose()
    {
        var rotary = new RotaryEmbedding(8);
        var x = randn(1, 1, 1, 8);
        var expected = rotary.call(x, 5);
        OnThread(rotary.Dispose);
        TensorAssert.Equal(expected, rotary.call(x, 5));
    }

    [Fact]
    public void What_a_thread_kept_goes_when_it_has_ended()
    {
        using var step = new RotaryStep(new RotaryEmbedding(8));
        List<WeakReference> kept = [];
        for (var i = 0; i < 5; i++)
            OnThread(() => kept.Add(new(step.Matrix(5, ScalarType.Float32, CPU))));
        for (var i = 0; i < 50 && kept.Any(matrix => matrix.IsAlive); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.DoesNotContain(kept, matrix => matrix.IsAlive);
    }

    [Fact]
    public void Bad_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("headWidth", () => new RotaryEmbedding(0));
        Assert.Throws<ArgumentException>("headWidth", () => new RotaryEmbedding(5));
        Assert.Throws<ArgumentException>("rotaryWidth", () => new RotaryEmbedding(8, rotaryWidth: 3));
        Assert.Throws<ArgumentOutOfRangeException>("rotaryWidth", () => new RotaryEmbedding(8, rotaryWidth: 10));
        Assert.Throws<ArgumentOutOfRangeException>("rotaryWidth", () => new RotaryEmbedding(8, rotaryWidth: 0));
        Assert.Throws<ArgumentOutOfRangeException>("period", () => new RotaryEmbedding(8, period: 1));
        var rotary = new RotaryEmbedding(4);
        Assert.Contains("Expected [..., T, 4], got [1, 3, 5]", Assert.Throws<ArgumentException>(() => rotary.forward(ones(1, 3, 5), 0)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>("offset", () => rotary.forward(ones(1, 3, 4), -1));
        Assert.Throws<ArgumentOutOfRangeException>("ids", () => rotary.ForwardAt(ones(1, 1, 2, 4), tensor(new[] { 0L, -1 })));
        Assert.Throws<ArgumentException>("ids", () => rotary.ForwardAt(ones(1, 1, 2, 4), tensor(new[] { 0, 1 })));
        Assert.Throws<ArgumentException>("ids", () => rotary.ForwardAt(ones(1, 1, 2, 4), arange(3)));
        Assert.Throws<ArgumentException>("heads", () => rotary.ForwardAt(ones(2, 3, 4), zeros(2, 3, ScalarType.Int64)));
        Assert.Throws<ArgumentException>("sin", () => rotary.Angles(ones(3, 2), ones(2, 2)));
        Assert.Throws<ArgumentOutOfRangeException>("offset", () => rotary.Angles(-1, 2, ScalarType.Float32, CPU));
        Assert.Throws<ArgumentOutOfRangeException>("length", () => rotary.Angles(2, -1, ScalarType.Float32, CPU));
        Assert.Throws<ArgumentOutOfRangeException>("ids", () => rotary.Angles(tensor(new[] { 0L, -1 }), ScalarType.Float32));
    }

    private static void OnThread(ThreadStart work)
    {
        var thread = new Thread(work);
        thread.Start();
        thread.Join();
    }

    private static double[,,,] Naive(Tensor x, long rotated, double period, PairLayout layout, Func<int, int, long> position)
    {
        var values = TensorArrays.Hypercube(x);
        for (var b = 0; b < values.GetLength(0); b++)
            for (var h = 0; h < values.GetLength(1); h++)
                for (var t = 0; t < values.GetLength(2); t++)
                    for (var i = 0; i < rotated / 2; i++)
                    {
                        var (one, two) = layout == PairLayout.Interleaved ? (2 * i, 2 * i + 1) : (i, i + (int)rotated / 2);
                        var (sin, cos) = Math.SinCos(position(b, t) * Math.Pow(period, -2.0 * i / rotated));
                        (values[b, h, t, one], values[b, h, t, two]) = (
                            values[b, h, t, one] * cos - values[b, h, t, two] * sin,
                            values[b, h, t, two] * cos + values[b, h, t, one] * sin);
                    }
        return values;
    }
}
