using ContextAware.Models.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Data;

public class SequenceBatchTests
{
    [Fact]
    public void Sequences_are_padded_and_targets_are_shifted()
    {
        using var batch = SequenceBatch.Create([new([5, 6, 7], [8]), new([9], [10, 11])]);
        Assert.Equal([2, 3], batch.Source.shape);
        Assert.Equal([5, 6, 7, 9, 0, 0], Numbers(batch.Source));
        Assert.Equal([3, 1], Numbers(batch.SourceLengths));
        Assert.Equal([1, 8, 0, 1, 10, 11], Numbers(batch.TargetInput));
        Assert.Equal([8, 2, 0, 10, 11, 2], Numbers(batch.TargetOutput));
        Assert.Equal(2, batch.Size);
        Assert.Equal(5, batch.TargetTokens);
    }

    [Fact]
    public void An_empty_target_is_its_end_mark()
    {
        using var batch = SequenceBatch.Create([new([5], [])]);
        Assert.Equal([1], Numbers(batch.TargetInput));
        Assert.Equal([2], Numbers(batch.TargetOutput));
    }

    [Fact]
    public void No_sequence_and_an_empty_source_are_refused()
    {
        Assert.Contains("at least one", Assert.Throws<ArgumentException>(() => SequenceBatch.Create([])).Message);
        Assert.Contains("Sequence 1", Assert.Throws<ArgumentException>(() => SequenceBatch.Create([new([3], [3]), new([], [3])])).Message);
    }

    [Fact]
    public void Disposing_frees_every_tensor()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        SequenceBatch.Create([new([5, 6], [7])]).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static long[] Numbers(Tensor tensor) => tensor.data<long>().ToArray();
}
