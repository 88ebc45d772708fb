using ContextAware.Models.Training;

namespace ContextAware.Models.Tests.Training;

public class LearningRateSchedulesTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.05, 0.5)]
    [InlineData(0.1, 1)]
    [InlineData(0.55, 0.6)]
    [InlineData(1, 0.2)]
    public void Linear_goes_up_and_down_in_straight_lines(double used, double expected) =>
        Assert.Equal(expected, LearningRateSchedules.Linear(0.1, 0.2)(new(used, 0)), 12);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.1, 1)]
    [InlineData(0.55, 0.6)]
    [InlineData(0.325, 0.2 + (0.8 * 0.8535533905932737))]
    [InlineData(1, 0.2)]
    public void Cosine_goes_down_along_half_a_wave(double used, double expected) =>
        Assert.Equal(expected, LearningRateSchedules.Cosine(0.1, 0.2)(new(used, 0)), 12);

    [Fact]
    public void Without_warmup_it_starts_at_one()
    {
        Assert.Equal(1, LearningRateSchedules.Linear(0)(default));
        Assert.Equal(1, LearningRateSchedules.Constant(new(0.7, 9)));
    }

    [Theory]
    [InlineData(0, 0.25)]
    [InlineData(1, 0.5)]
    [InlineData(3, 1)]
    [InlineData(15, 0.5)]
    [InlineData(63, 0.25)]
    public void InverseRoot_goes_up_over_its_steps_and_down_with_the_root(long step, double expected) =>
        Assert.Equal(expected, LearningRateSchedules.InverseRoot(4)(new(0.5, step)), 12);

    [Fact]
    public void InverseRoot_needs_a_step_of_warmup() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedules.InverseRoot(0));

    [Theory]
    [InlineData(-0.1, 0)]
    [InlineData(1, 0)]
    [InlineData(0, -0.1)]
    [InlineData(0, 1.1)]
    [InlineData(double.NaN, 0)]
    public void Parts_out_of_range_are_refused(double warmup, double floor) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedules.Linear(warmup, floor));
}
