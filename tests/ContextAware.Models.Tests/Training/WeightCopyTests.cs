using ContextAware.Models.Training;
using ContextAware.Testing;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Training;

public class WeightCopyTests
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void An_average_moves_by_steps_smaller_than_the_weights_have_digits_for(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var weight = ones([3], type);
        using var average = new WeightCopy([KeyValuePair.Create("weight", weight)], isAverage: true);
        weight.fill_(2);
        for (var step = 0; step < 1000; step++) average.Follow(0.999);
        average.Lend(() => Assert.Equal(2 - Math.Pow(0.999, 1000), weight[0].to(float32).item<float>(), 0.01));
        TensorAssert.Equal(full([3], 2, type), weight);
    }

    [Fact]
    public void Weights_come_back_from_work_that_fails()
    {
        using var scope = NewDisposeScope();
        var weight = ones(3);
        using var copy = new WeightCopy([KeyValuePair.Create("weight", weight)]);
        weight.fill_(2);
        Assert.Throws<InvalidOperationException>(() => copy.Lend(() =>
        {
            TensorAssert.Equal(ones(3), weight);
            throw new InvalidOperationException();
        }));
        TensorAssert.Equal(full([3], 2f), weight);
    }
}
