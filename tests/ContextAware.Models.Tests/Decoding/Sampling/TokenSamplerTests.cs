using ContextAware.Models.Decoding.Sampling;

namespace ContextAware.Models.Tests.Decoding.Sampling;

public class TokenSamplerTests
{
    private static readonly float[] Logits = Array.ConvertAll([0.5, 0.125, 0.25, 0.125], p => (float)Math.Log(p));

    [Fact]
    public void Greedy_takes_the_first_of_the_best() => Assert.Equal(1, new TokenSampler(SamplingOptions.Greedy).Choose([1, 3, 3, 2]));

    [Fact]
    public void Draws_are_as_frequent_as_the_probabilities_say()
    {
        var counts = Counts(new TokenSampler(new(), seed: 7), 20_000);
        // Five standard deviations.
        for (var symbol = 0; symbol < 4; symbol++)
        {
            var p = Math.Exp(Logits[symbol]);
            Assert.InRange(counts[symbol], 20_000 * p - 5 * Math.Sqrt(20_000 * p * (1 - p)), 20_000 * p + 5 * Math.Sqrt(20_000 * p * (1 - p)));
        }
    }

    [Fact]
    public void What_the_filters_rule_out_is_never_drawn()
    {
        Assert.Equal([1, 3], Ruled(new() { TopK = 2 }));
        Assert.Equal([1, 2, 3], Ruled(new() { TopP = 0.5 }));
        Assert.Equal([1, 3], Ruled(new() { MinP = 0.4 }));
        Assert.Equal([1, 2, 3], Ruled(new() { Temperature = 1e-3 }));

        static int[] Ruled(SamplingOptions options) =>
            [.. Counts(new TokenSampler(options, seed: 3), 500).Index().Where(pair => pair.Item == 0).Select(pair => pair.Index)];
    }

    [Fact]
    public void The_penalty_remembers_what_was_observed()
    {
        var sampler = new TokenSampler(new() { Temperature = 0, RepetitionPenalty = 2 });
        Assert.Equal(2, sampler.Choose([1, 0, 1.5f]));
        sampler.Observe(2);
        sampler.Observe(2); // Once is enough: the penalty is not squared.
        Assert.Equal(0, sampler.Choose([1, 0, 1.5f]));
        Assert.Equal(2, sampler.Choose([1, 0, 2.5f]));
    }

    [Fact]
    public void A_seed_gives_the_same_draws_and_another_seed_or_stream_others()
    {
        Assert.Equal(Draw(5, 1), Draw(5, 1));
        Assert.NotEqual(Draw(5, 1), Draw(6, 1));
        Assert.NotEqual(Draw(5, 1), Draw(5, 2));
        // The same on every machine and in every version: a model's output can be reproduced from its seed.
        Assert.Equal("2010002021", string.Concat(Draw(5, 1).Take(10)));

        static int[] Draw(long seed, long stream)
        {
            var sampler = new TokenSampler(new(), seed, stream);
            return [.. Enumerable.Range(0, 50).Select(_ => sampler.Choose([.. Logits]))];
        }
    }

    [Theory]
    [InlineData(new float[0], "at least one logit")]
    [InlineData(new[] { 1, float.NaN }, "NaN for symbol 1")]
    [InlineData(new[] { float.PositiveInfinity, 1 }, "for symbol 0")]
    [InlineData(new[] { float.NegativeInfinity }, "−∞ for all")]
    public void Logits_that_are_none_are_refused(float[] logits, string message)
    {
        var error = Assert.Throws<ArgumentException>(() => new TokenSampler(new()).Choose(logits));
        Assert.Equal("logits", error.ParamName);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RepetitionPenalty")]
    [InlineData("Temperature")]
    [InlineData("TopK")]
    [InlineData("TopP")]
    [InlineData("MinP")]
    public void Options_out_of_range_are_refused_by_name(string name)
    {
        var options = name switch
        {
            "RepetitionPenalty" => new SamplingOptions { RepetitionPenalty = 0 },
            "Temperature" => new SamplingOptions { Temperature = -1 },
            "TopK" => new SamplingOptions { TopK = 0 },
            "TopP" => new SamplingOptions { TopP = 0 },
            _ => new SamplingOptions { MinP = 2 },
        };
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => new TokenSampler(options)).ParamName);
    }

    private static int[] Counts(TokenSampler sampler, int draws)
    {
        var counts = new int[Logits.Length];
        for (var i = 0; i < draws; i++) counts[sampler.Choose([.. Logits])]++;
        return counts;
    }
}
