using ContextAware.Attention;
using ContextAware.Models.LanguageModels;
using ContextAware.Models.LanguageModels.Steps;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.LanguageModels;

public class NearAttentionTests
{
    [Theory]
    [InlineData(4, 4, 8, 5, 5)]
    [InlineData(6, 2, 7, 9, 4)]
    [InlineData(1, 1, 1, 3, 1)]
    [InlineData(8, 1, 33, 20, 17)]
    public void It_is_the_attention_of_one_query(long heads, long groups, long width, long capacity, long length)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        var (query, memory) = (randn(heads, width) * 3, randn(2 * groups, capacity, width));
        memory.narrow(1, length, capacity - length).fill_(float.NaN);       // what is not there yet
        var context = new float[heads * width];
        Near(heads, groups, width, capacity).Attend(query.data<float>().ToArray(), memory.data<float>().ToArray(), (int)length, context);

        var (keys, values) = (memory.narrow(0, 0, groups).narrow(1, 0, length), memory.narrow(0, groups, groups).narrow(1, 0, length));
        var expected = AttentionFunctions.ScaledDotProduct(
            query.view(1, heads, 1, width).to(float64), keys.unsqueeze(0).to(float64), values.unsqueeze(0).to(float64), new() { Scale = 1 }).Output;
        TensorAssert.Close(expected.to(float32).view(-1), tensor(context));
    }

    [Fact]
    public void Large_scores_neither_overflow_nor_vanish()
    {
        var context = new float[1];
        Near(1, 1, 1, 2).Attend([1000], [1, -1, 3, 5], 2, context);
        Assert.Equal([3], context);
    }

    [Fact]
    public void Many_keys_and_other_types_are_left_to_products()
    {
        using var scope = NewDisposeScope();
        Assert.True(Near(2, 2, 64, 4096).Serves(1024));
        Assert.False(Near(2, 2, 64, 4096).Serves(1025));
        Assert.True(NearAttention.Reads(zeros(2, 3, 4)));
        Assert.False(NearAttention.Reads(zeros(2, 3, 4, float64)));
    }

    private static NearAttention Near(long heads, long groups, long width, long capacity)
    {
        var options = DecoderOnlyOptions.Gpt2(10, heads * width, 1, heads, capacity) with { KeyValueHeads = groups };
        return new(new(options), capacity);
    }
}
