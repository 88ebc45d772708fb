using ContextAware.Positions;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Positions;

public sealed class RelativePositionTests : IDisposable
{
    private static readonly (long Queries, long Keys)[] Lengths = [(1, 1), (1, 7), (5, 5), (3, 7), (7, 3), (70, 130), (0, 4), (3, 0)];

    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Slopes_of_a_power_of_two_heads_are_geometric()
    {
        Assert.Equal(Enumerable.Range(1, 8).Select(i => Math.Pow(2, -i)), new AlibiBias(8).Slopes);
        Assert.Equal([1.0 / 256], new AlibiBias(1).Slopes);
        Assert.Equal(Math.Pow(2, -0.5), new AlibiBias(16).Slopes[0]);
    }

    [Fact]
    public void Slopes_of_other_counts_interleave_the_next_power()
    {
        // The authors' program: those of 4 heads, then every second one of 8, and of 8 then 16.
        Assert.Equal([0.25, 0.0625, 0.015625, 0.00390625, 0.5, 0.125], new AlibiBias(6).Slopes);
        Assert.Equal([.. new AlibiBias(8).Slopes, Math.Pow(2, -0.5), Math.Pow(2, -1.5), Math.Pow(2, -2.5), Math.Pow(2, -3.5)], new AlibiBias(12).Slopes);
    }

    [Fact]
    public void Alibi_subtracts_the_distance()
    {
        var alibi = new AlibiBias(3);
        foreach (var (queries, keys) in Lengths)
        {
            var expected = new double[1, 3, queries, keys];
            Fill(expected, (h, t, s) => -alibi.Slopes[h] * Math.Abs(s - t));
            TensorAssert.Close(expected, alibi.call(Query(2, 3, queries), keys), 1e-12, 1e-12);
        }
    }

    [Fact]
    public void Causal_alibi_differs_by_a_constant_in_each_row()
    {
        var (causal, full) = (new AlibiBias(3, causal: true), new AlibiBias(3));
        var query = Query(1, 3, 5);
        var row = causal.call(query, 7);
        TensorAssert.Shape([1, 3, 1, 7], row);
        var differences = (full.call(query, 7) - row).tril(2);          // what a causal mask leaves, aligned to the end
        var constant = differences.narrow(3, 0, 1) * ones(5, 7, dtype: ScalarType.Float64).tril(2);
        TensorAssert.Close(constant, differences, 1e-12, 1e-12);
        Assert.Equal(0, row.max().item<double>());
    }

    [Theory]
    [InlineData("encoder", true, 32, 128)]
    [InlineData("decoder", false, 32, 128)]
    [InlineData("small", true, 8, 20)]
    [InlineData("narrow", false, 10, 64)]
    public void Buckets_are_those_of_T5(string name, bool bidirectional, long buckets, long maximum)
    {
        var golden = GoldenFile.Read("tests", "ContextAware.Tests", "golden", "buckets.safetensors").Numbers(name);
        var bias = new RelativeBias(1, bidirectional, buckets, maximum);
        using (no_grad())
            bias.get_parameter("weight")!.copy_(arange(buckets, ScalarType.Float32).reshape(buckets, 1));
        var actual = TensorArrays.Cube(bias.call(zeros(1, 301, 2), 301).detach()[0]);
        for (var t = 0; t < 301; t++)
            for (var s = 0; s < 301; s++)
                Assert.Equal(golden[s - t + 300], actual[0, t, s]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Queries_are_aligned_to_the_end_of_the_keys(bool bidirectional)
    {
        var bias = new RelativeBias(3, bidirectional);
        var whole = bias.call(zeros(1, 3, 140, 1), 140);
        TensorAssert.Shape([1, 3, 140, 140], whole);
        TensorAssert.Equal(whole.narrow(2, 137, 3), bias.call(zeros(2, 3, 3, 1), 140));
        TensorAssert.Equal(whole.narrow(2, 139, 1), bias.call(zeros(2, 1, 7), 140));
    }

    [Fact]
    public void Shaw_joins_the_vector_of_the_distance_to_key_and_value()
    {
        var shaw = new ShawPositions(4, 2).to(ScalarType.Float64);
        var keyTable = TensorArrays.Matrix(shaw.get_parameter("key_table")!);
        var valueTable = TensorArrays.Matrix(shaw.get_parameter("value_table")!);
        foreach (var (queries, keys) in Lengths.Where(lengths => lengths.Queries < 10))
        {
            var query = randn(2, 3, queries, 4, dtype: ScalarType.Float64);
            var weights = rand(2, 3, queries, keys, dtype: ScalarType.Float64);
            var (q, w) = (TensorArrays.Hypercube(query), TensorArrays.Hypercube(weights));
            var scores = new double[2, 3, queries, keys];
            var values = new double[2, 3, queries, 4];
            for (var b = 0; b < 2; b++)
                for (var h = 0; h < 3; h++)
                    for (var t = 0; t < queries; t++)
                        for (var s = 0; s < keys; s++)
                        {
                            var row = (int)Math.Clamp(s - (t + keys - queries), -2, 2) + 2;
                            for (var e = 0; e < 4; e++)
                            {
                                scores[b, h, t, s] += q[b, h, t, e] * keyTable[row, e] / 2;
                                values[b, h, t, e] += w[b, h, t, s] * valueTable[row, e];
                            }
                        }
            TensorAssert.Close(scores, shaw.call(query, keys), 1e-12, 1e-12);
            TensorAssert.Close(values, shaw.Values(weights), 1e-12, 1e-12);
        }
    }

    [Fact]
    public void Gradients_are_right()
    {
        var bias = new RelativeBias(2, buckets: 4, maximumDistance: 5).to(ScalarType.Float64);
        GradientCheck.Module(bias, inputs => bias.call(inputs[0], 5) + inputs[0].sum(), randn(1, 2, 3, 2, dtype: ScalarType.Float64));
        var shaw = new ShawPositions(2, 2).to(ScalarType.Float64);
        GradientCheck.Module(shaw, inputs => shaw.call(inputs[0], 5).sum(dim: -1L, keepdim: true) + shaw.Values(shaw.call(inputs[0], 5)),
            randn(1, 2, 3, 2, dtype: ScalarType.Float64));
    }

    [Fact]
    public void State_dicts_hold_the_learned_tables_only()
    {
        Assert.Empty(new AlibiBias(3).state_dict());
        Assert.Equal(["weight"], new RelativeBias(3).state_dict().Keys);
        Assert.Equal(["key_table", "value_table"], new ShawPositions(4, 2).state_dict().Keys.Order());
        Assert.Equal(["key_table"], new ShawPositions(4, 2, values: false).state_dict().Keys);
    }

    [Fact]
    public void Types_are_kept_and_nothing_is_left_behind()
    {
        var (alibi, bias, shaw) = (new AlibiBias(3), new RelativeBias(3).to(ScalarType.BFloat16), new ShawPositions(4, 2).to(ScalarType.BFloat16));
        var query = Query(1, 3, 5).to(ScalarType.BFloat16);
        TensorAssert.Type(ScalarType.BFloat16, alibi.call(query, 9));
        TensorAssert.Type(ScalarType.BFloat16, bias.call(query, 9));
        TensorAssert.Type(ScalarType.BFloat16, shaw.call(query, 9));
        TensorAssert.Type(ScalarType.BFloat16, shaw.Values(shaw.call(query, 9)));
        var keys = 20L;
        LeakCheck.Tensors(() =>
        {
            using var inner = NewDisposeScope();
            alibi.call(query, keys);
            bias.call(query, keys);
            shaw.Values(shaw.call(query, keys));
            keys *= 2;
        }, repetitions: 6);
    }

    [Fact]
    public void Bad_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("heads", () => new AlibiBias(0));
        Assert.Contains("Expected [..., T, D], got [5]", Assert.Throws<ArgumentException>(() => new AlibiBias(3).forward(ones(5), 5)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>("keyLength", () => new AlibiBias(3).forward(Query(1, 3, 5), -1));
        Assert.Throws<ArgumentOutOfRangeException>("heads", () => new RelativeBias(0));
        Assert.Throws<ArgumentOutOfRangeException>("buckets", () => new RelativeBias(1, true, 2));
        Assert.Throws<ArgumentException>("buckets", () => new RelativeBias(1, true, 7));
        Assert.Throws<ArgumentOutOfRangeException>("maximumDistance", () => new RelativeBias(1, true, 32, 8));
        Assert.Throws<ArgumentOutOfRangeException>("deviation", () => new RelativeBias(1, deviation: -0.1));
        Assert.Throws<ArgumentException>("query", () => new RelativeBias(1).forward(ones(4), 3));
        Assert.Throws<ArgumentOutOfRangeException>("keyLength", () => new RelativeBias(1).forward(Query(1, 1, 3), -1));
        Assert.Throws<ArgumentOutOfRangeException>("headWidth", () => new ShawPositions(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>("maximumDistance", () => new ShawPositions(4, 0));
        Assert.Throws<ArgumentException>("query", () => new ShawPositions(4, 1).forward(ones(1, 1, 4, 3), 3));
        Assert.Throws<ArgumentOutOfRangeException>("keyLength", () => new ShawPositions(4, 1).forward(ones(1, 1, 4, 4), -1));
        Assert.Throws<ArgumentException>("weights", () => new ShawPositions(4, 1).Values(ones(1, 1, 4)));
        Assert.Throws<InvalidOperationException>(() => new ShawPositions(4, 1, values: false).Values(ones(1, 1, 4, 3)));
    }

    private static Tensor Query(long batch, long heads, long length) => zeros(batch, heads, length, 4, dtype: ScalarType.Float64);

    private static void Fill(double[,,,] array, Func<int, long, long, double> value)
    {
        var past = array.GetLength(3) - array.GetLength(2);
        for (var h = 0; h < array.GetLength(1); h++)
            for (var t = 0; t < array.GetLength(2); t++)
                for (var s = 0; s < array.GetLength(3); s++)
                    array[0, h, t, s] = value(h, t + past, s);
    }
}
