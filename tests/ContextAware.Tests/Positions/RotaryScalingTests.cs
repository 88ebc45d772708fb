using ContextAware.Positions;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Positions;

public sealed class RotaryScalingTests : IDisposable
{
    private const long Width = 128;
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Linear_scaling_interpolates_positions()
    {
        var scaled = new RotaryEmbedding(Width, scaling: RotaryScaling.Linear(4));
        var plain = new RotaryEmbedding(Width);
        var (at40, at10) = (scaled.Angles(40, 1, ScalarType.Float64, CPU), plain.Angles(10, 1, ScalarType.Float64, CPU));
        TensorAssert.Close(at10.Cos, at40.Cos, 1e-12, 1e-12);
        TensorAssert.Close(at10.Sin, at40.Sin, 1e-12, 1e-12);
    }

    [Fact]
    public void Ntk_scaling_keeps_the_first_frequency_and_stretches_the_last_by_the_factor()
    {
        var (scaled, plain) = (RotaryScaling.Ntk(8).Frequencies(Width, 10_000), Plain());
        Assert.Equal(1, scaled[0]);
        Assert.Equal(plain[^1] / 8, scaled[^1], 1e-15);
        Assert.All(Enumerable.Range(1, 62), i => Assert.InRange(scaled[i], plain[i] / 8, plain[i]));
        Assert.Equal([1.0], RotaryScaling.Ntk(8).Frequencies(2, 10_000));
    }

    [Fact]
    public void Llama3_scaling_keeps_short_waves_stretches_long_ones_and_mixes_between()
    {
        const double factor = 8, original = 8192;
        var (scaled, plain) = (RotaryScaling.Llama3().Frequencies(Width, 500_000), Frequencies.Geometric(Width, 500_000));
        var kinds = new int[3];
        for (var i = 0; i < plain.Length; i++)
        {
            var wave = 2 * Math.PI / plain[i];
            double expected;
            if (wave < original / 4)
                (expected, kinds[0]) = (plain[i], kinds[0] + 1);
            else if (wave > original / 1)
                (expected, kinds[1]) = (plain[i] / factor, kinds[1] + 1);
            else
            {
                var smooth = (original / wave - 1) / (4 - 1);
                (expected, kinds[2]) = ((1 - smooth) * plain[i] / factor + smooth * plain[i], kinds[2] + 1);
            }
            Assert.Equal(expected, scaled[i], 1e-12 * plain[i]);
        }
        Assert.All(kinds, count => Assert.True(count > 0));
    }

    [Fact]
    public void Yarn_keeps_fast_turns_divides_slow_ones_and_ramps_between()
    {
        // Width 128, base 10,000, length 4096: 32 turns at index 20.94, so the ramp starts at 20; one turn at 45.03, so it ends at 46.
        var (scaled, plain) = (RotaryScaling.Yarn(16, 4096).Frequencies(Width, 10_000), Plain());
        Assert.Equal(20.94, 64 * Math.Log(4096 / (32 * 2 * Math.PI)) / Math.Log(10_000), 0.01);
        Assert.Equal(45.03, 64 * Math.Log(4096 / (2 * Math.PI)) / Math.Log(10_000), 0.01);
        for (var i = 0; i <= 20; i++)
            Assert.Equal(plain[i], scaled[i]);
        for (var i = 46; i < 64; i++)
            Assert.Equal(plain[i] / 16, scaled[i], 1e-18);
        Assert.Equal(plain[33] * 0.5 + plain[33] / 16 * 0.5, scaled[33], 1e-15);
    }

    [Fact]
    public void Yarn_ramps_between_the_indices_themselves_where_they_are_not_truncated()
    {
        var (scaled, plain) = (RotaryScaling.Yarn(16, 4096, truncate: false).Frequencies(Width, 10_000), Plain());
        double Index(double turns) => 64 * Math.Log(4096 / (turns * 2 * Math.PI)) / Math.Log(10_000);
        for (var i = 0; i < 64; i++)
        {
            var ramp = Math.Clamp((i - Index(32)) / (Index(1) - Index(32)), 0, 1);
            Assert.Equal(plain[i] * (1 - ramp) + plain[i] / 16 * ramp, scaled[i], 1e-15);
        }
        Assert.NotEqual(RotaryScaling.Yarn(16, 4096).Frequencies(Width, 10_000)[33], scaled[33]);
    }

    [Fact]
    public void Yarn_multiplies_cosines_and_sines()
    {
        var magnitude = 0.1 * Math.Log(16) + 1;
        var scaled = new RotaryEmbedding(4, scaling: RotaryScaling.Yarn(16, 4096));
        Assert.Equal(magnitude, scaled.Angles(0, 1, ScalarType.Float64, CPU).Cos.max().item<double>(), 1e-12);
        var turned = scaled.call(tensor(new double[] { 3, 4, 0, 0 }, [1, 4]), 5);
        Assert.Equal(5 * magnitude, turned.norm().item<double>(), 1e-12);
        var own = new RotaryEmbedding(4, scaling: RotaryScaling.Yarn(16, 4096, magnitude: 2));
        Assert.Equal(2, own.Angles(0, 1, ScalarType.Float64, CPU).Cos.max().item<double>(), 1e-12);
    }

    [Fact]
    public void A_factor_of_one_changes_nothing()
    {
        foreach (var scaling in new[] { RotaryScaling.Linear(1), RotaryScaling.Ntk(1), RotaryScaling.Yarn(1, 4096), RotaryScaling.Llama3(1) })
            foreach (var (scaled, plain) in scaling.Frequencies(Width, 10_000).Zip(Plain()))
                Assert.Equal(plain, scaled, 1e-15);
    }

    [Fact]
    public void Bad_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("factor", () => RotaryScaling.Linear(0.5));
        Assert.Throws<ArgumentOutOfRangeException>("factor", () => RotaryScaling.Ntk(0));
        Assert.Throws<ArgumentOutOfRangeException>("originalLength", () => RotaryScaling.Yarn(2, 0));
        Assert.Throws<ArgumentOutOfRangeException>("fast", () => RotaryScaling.Yarn(2, 100, fast: 1, slow: 2));
        Assert.Throws<ArgumentOutOfRangeException>("highFactor", () => RotaryScaling.Llama3(lowFactor: 4, highFactor: 4));
    }

    private static double[] Plain() => Frequencies.Geometric(Width, 10_000);
}
