using ContextAware.Models.Decoding.Sampling;

namespace ContextAware.Models.Tests.Decoding.Sampling;

public class LogitFiltersTests
{
    private const float Out = float.NegativeInfinity;

    [Fact]
    public void What_was_written_becomes_less_likely_on_either_side_of_zero()
    {
        float[] logits = [2, -2, 0, 3];
        LogitFilters.RepetitionPenalty(logits, new HashSet<int> { 0, 1, 2 }, 1.25);
        Assert.Equal([1.6f, -2.5f, 0, 3], logits);
    }

    [Fact]
    public void Temperature_changes_differences_only()
    {
        float[] logits = [1, 3, Out, 2];
        LogitFilters.Temperature(logits, 0.5);
        Assert.Equal([-4, 0, Out, -2], logits);
    }

    [Fact]
    public void The_smallest_temperature_leaves_the_best_and_no_infinity_above()
    {
        float[] logits = [1000, 999, 1000];
        LogitFilters.Temperature(logits, double.Epsilon);
        Assert.Equal([0, Out, 0], logits);
    }

    [Theory]
    [InlineData(1, new[] { Out, 5, Out, Out })]
    [InlineData(2, new[] { 3, 5, Out, 3 })]         // equal ones stay together
    [InlineData(3, new[] { 3, 5, Out, 3 })]
    [InlineData(4, new[] { 3f, 5, 1, 3 })]
    [InlineData(9, new[] { 3f, 5, 1, 3 })]
    public void Top_k_keeps_the_likeliest(int k, float[] expected)
    {
        float[] logits = [3, 5, 1, 3];
        LogitFilters.TopK(logits, k);
        Assert.Equal(expected, logits);
    }

    // Probabilities 0.5, 0.125, 0.25, 0.125.
    [Theory]
    [InlineData(0.01, new[] { 1, 0, 0, 0 })]
    [InlineData(0.5, new[] { 1, 0, 0, 0 })]
    [InlineData(0.51, new[] { 1, 0, 1, 0 })]
    [InlineData(0.75, new[] { 1, 0, 1, 0 })]
    [InlineData(0.76, new[] { 1, 1, 1, 1 })]        // equal ones stay together
    [InlineData(0.999, new[] { 1, 1, 1, 1 })]
    [InlineData(1, new[] { 1, 1, 1, 1 })]
    public void Top_p_keeps_the_nucleus(double p, int[] stays) => Assert.Equal(stays, Stays(logits => LogitFilters.TopP(logits, p)));

    [Theory]
    [InlineData(0, new[] { 1, 1, 1, 1 })]
    [InlineData(0.24, new[] { 1, 1, 1, 1 })]
    [InlineData(0.26, new[] { 1, 0, 1, 0 })]
    [InlineData(0.51, new[] { 1, 0, 0, 0 })]
    [InlineData(1, new[] { 1, 0, 0, 0 })]
    public void Min_p_is_relative_to_the_best(double p, int[] stays) => Assert.Equal(stays, Stays(logits => LogitFilters.MinP(logits, p)));

    [Fact]
    public void A_nucleus_of_all_loses_nothing_to_rounding()
    {
        var logits = Enumerable.Range(0, 1000).Select(i => -0.001f * i).ToArray();
        LogitFilters.TopP(logits, Math.BitDecrement(1.0));
        Assert.All(logits, logit => Assert.True(float.IsFinite(logit)));
    }

    [Fact]
    public void Where_nothing_is_possible_nothing_changes()
    {
        float[] logits = [Out, Out];
        LogitFilters.Temperature(logits, 2);
        LogitFilters.TopK(logits, 1);
        LogitFilters.TopP(logits, 0.5);
        LogitFilters.MinP(logits, 0.5);
        Assert.Equal([Out, Out], logits);
    }

    [Theory]
    [InlineData("penalty", 0.0)]
    [InlineData("penalty", double.PositiveInfinity)]
    [InlineData("temperature", 0.0)]
    [InlineData("temperature", double.NaN)]
    [InlineData("k", 0.0)]
    [InlineData("p", 0.0)]
    [InlineData("p", 1.5)]
    [InlineData("p", double.NaN)]
    [InlineData("min", -0.1)]
    [InlineData("min", 1.1)]
    public void Numbers_out_of_range_are_refused(string name, double value)
    {
        float[] logits = [1, 2];
        var error = Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            switch (name)
            {
                case "penalty": LogitFilters.RepetitionPenalty(logits, new HashSet<int>(), value); break;
                case "temperature": LogitFilters.Temperature(logits, value); break;
                case "k": LogitFilters.TopK(logits, (int)value); break;
                case "p": LogitFilters.TopP(logits, value); break;
                default: LogitFilters.MinP(logits, value); break;
            }
        });
        Assert.Equal(name == "min" ? "p" : name, error.ParamName);
        Assert.Equal([1, 2], logits);
    }

    [Fact]
    public void A_symbol_beyond_the_logits_is_refused()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => LogitFilters.RepetitionPenalty(new float[3], new HashSet<int> { 3 }, 2));
        Assert.Contains("0 to 2", error.Message, StringComparison.Ordinal);
    }

    private delegate void Filter(Span<float> logits);

    private static int[] Stays(Filter filter)
    {
        var logits = Array.ConvertAll([0.5, 0.125, 0.25, 0.125], p => (float)Math.Log(p));
        filter(logits);
        return Array.ConvertAll(logits, logit => float.IsNegativeInfinity(logit) ? 0 : 1);
    }
}
