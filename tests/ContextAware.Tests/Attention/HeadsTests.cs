using ContextAware.Attention;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

public class HeadsTests
{
    [Fact]
    public void Head_h_takes_the_h_th_slice_of_the_width()
    {
        using var scope = NewDisposeScope();
        var x = arange(2 * 3 * 10, float64).view(2, 3, 10);
        var split = Heads.Split(x, 5);
        TensorAssert.Shape([2, 5, 3, 2], split);
        for (var head = 0; head < 5; head++)
            TensorAssert.Equal(x.narrow(2, 2 * head, 2), split.select(1, head));
    }

    [Fact]
    public void Combine_undoes_split_and_neither_copies()
    {
        using var scope = NewDisposeScope();
        var x = randn(2, 3, 10);
        var back = Heads.Combine(Heads.Split(x, 5));
        TensorAssert.Equal(x, back);
        x[0, 1, 2] = 77;
        Assert.Equal(77, back[0, 1, 2].item<float>());
        TensorAssert.Equal(Heads.Split(x, 5), Heads.Split(Heads.Combine(Heads.Split(x, 5).contiguous()), 5));
    }

    [Fact]
    public void Empty_sequences_pass()
    {
        using var scope = NewDisposeScope();
        TensorAssert.Shape([2, 5, 0, 2], Heads.Split(zeros(2, 0, 10), 5));
        TensorAssert.Shape([2, 0, 10], Heads.Combine(zeros(2, 5, 0, 2)));
    }
}
