using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Misuse;

/// <summary>Numbers with which libtorch (1.13, or 2.11 as with types) ends the process, or never comes back: the stand-in stops them.</summary>
public class GuardTests
{
    public static TheoryData<string, Action> Calls => new()
    {
        { "fold", () => nn.functional.fold(ones(1, 12, 12), 4, 1L << 50, dilation: long.MaxValue, padding: 2) },
        { "unfold", () => nn.functional.unfold(ones(1, 3, 4, 4), 1L << 50, stride: long.MaxValue) },
        { "max_pool1d", () => nn.functional.max_pool1d(ones(2, 3), long.MaxValue) },
        { "MaxPool1d, rounding up", () => nn.MaxPool1d(1L << 50, ceil_mode: true).call(ones(3, 3)) },
        { "pixel_shuffle", () => nn.functional.pixel_shuffle(ones(1, 2, 4, 4), 1L << 50) },
        { "pixel_unshuffle", () => nn.functional.pixel_unshuffle(ones(1, 2, 4, 4), 1L << 50) },
        { "repeat_interleave", () => ones(4, 3).repeat_interleave(1L << 62) },
        { "searchsorted", () => searchsorted(tensor([1L, 2, 3]), ones(4, 3), sorter: tensor([-1L << 40, 7, 1L << 40])) },
        { "layers of a recurrent network", () => nn.RNN(4, 1, long.MaxValue) },
        { "groups of a convolution", () => nn.Conv1d(2, 2, 1, groups: 0) },
        { "a type that there is not", () => promote_types(ScalarType.Int16, (ScalarType)99) },
        { "a module that is null", () => nn.Sequential([(nn.Module<Tensor, Tensor>)null!]) },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_number_that_would_end_the_process_is_refused(string what, Action call)
    {
        Assert.SkipWhen(Provider.IsPublished, "It may end the process.");
        using var scope = NewDisposeScope();
        Assert.True(Record.Exception(call) is ArgumentException, what);
    }

    [Fact]
    public void A_sorter_within_range_is_taken()
    {
        using var scope = NewDisposeScope();
        var found = searchsorted(tensor([3f, 1f, 2f]), tensor([1.5f]), sorter: tensor([1L, 2, 0]));
        Assert.Equal(1, found.item<long>());
    }
}
