using ContextAware.Attention;
using ContextAware.Interop;
using ContextAware.Positions;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Interop;

[Collection(nameof(GlobalRandomNumbers))]
public sealed class WeightInitializationTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    public static TheoryData<string> Modules { get; } = ["learned", "relative", "shaw"];

    [Theory]
    [MemberData(nameof(Modules))]
    public void Without_initialisation_no_random_number_is_drawn(string module)
    {
        Assert.True(Draws(module));
        using (WeightInitialization.Skip())
            Assert.False(Draws(module));
        Assert.True(Draws(module));
    }

    [Fact]
    public void Attention_made_without_initialisation_takes_loaded_weights()
    {
        using var trained = new MultiHeadAttention(8, 2);
        MultiHeadAttention loaded;
        using (WeightInitialization.Skip())
            loaded = new MultiHeadAttention(8, 2);
        Assert.True(loaded.LoadWeights(new MemoryWeights(trained.state_dict())).IsExact);
        var x = randn(1, 3, 8);
        TensorAssert.Equal(trained.call(x).Output, loaded.call(x).Output);
    }

    [Fact]
    public void Skipping_nests_and_ends_once()
    {
        var outer = WeightInitialization.Skip();
        var inner = WeightInitialization.Skip();
        inner.Dispose();
        inner.Dispose();
        Assert.True(WeightInitialization.IsSkipped);
        outer.Dispose();
        Assert.False(WeightInitialization.IsSkipped);
    }

    // Whether making a module changes the state of the random numbers.
    private static bool Draws(string module)
    {
        using var before = get_rng_state();
        using nn.Module made = module switch
        {
            "learned" => new LearnedEncoding(3, 4),
            "relative" => new RelativeBias(3),
            _ => new ShawPositions(4, 2),
        };
        using var after = get_rng_state();
        return !before.Equals(after);
    }
}
