using ContextAware.Models.Data;

namespace ContextAware.Models.Tests.Data;

public class BucketedBatchesTests
{
    private static readonly SequencePair[] Pairs = [.. MakePairs()];

    [Theory]
    [InlineData(7, null, null)]
    [InlineData(7, 40, null)]
    [InlineData(7, null, 3)]
    [InlineData(1000, null, null)]
    public void Every_example_comes_once_an_epoch(int size, int? tokens, int? pool)
    {
        var batches = new BucketedBatches(Pairs, new() { BatchSize = size, TokenBudget = tokens, PoolBatches = pool });
        var seen = batches.Groups(0).SelectMany(batch => batch).ToList();
        Assert.Equal(Pairs.Length, seen.Count);
        Assert.Equal(Pairs.Length, seen.Distinct(ReferenceEqualityComparer.Instance).Count());
    }

    [Fact]
    public void Batches_keep_to_their_size_and_to_the_token_budget()
    {
        var batches = new BucketedBatches(Pairs, new() { BatchSize = 9, TokenBudget = 40 }).Groups(0);
        Assert.All(batches, batch => Assert.InRange(batch.Count, 1, 9));
        Assert.All(batches, batch => Assert.True(batch.Count == 1 || batch.Count * batch.Max(Length) <= 40));
        Assert.Contains(batches, batch => batch.Count == 9);
        Assert.Contains(batches, batch => batch.Count < 9);
    }

    [Fact]
    public void Sources_of_a_batch_are_alike_in_length()
    {
        var batches = new BucketedBatches(Pairs, new() { BatchSize = 10 }).Groups(3);
        var mixed = batches.Count(batch => batch.Select(pair => pair.Source.Length).Distinct().Count() > 1);
        // Only a batch on the border of two lengths is mixed.
        Assert.InRange(mixed, 0, Pairs.Select(pair => pair.Source.Length).Distinct().Count() - 1);
    }

    [Fact]
    public void The_order_depends_on_seed_and_epoch_and_on_nothing_else()
    {
        Assert.Equal(Order(seed: 1, epoch: 2), Order(seed: 1, epoch: 2));
        Assert.NotEqual(Order(seed: 1, epoch: 2), Order(seed: 1, epoch: 3));
        Assert.NotEqual(Order(seed: 1, epoch: 2), Order(seed: 2, epoch: 2));
    }

    [Fact]
    public void Who_comes_together_changes_between_epochs()
    {
        var batches = new BucketedBatches(Pairs, new() { BatchSize = 10 });
        Assert.NotEqual(Companions(0), Companions(1));

        string Companions(long epoch) => string.Join(',', batches.Groups(epoch).Single(batch => batch.Contains(Pairs[0])).Select(pair => pair.Target[0]).Order());
    }

    [Theory]
    [InlineData(10, 2)]
    [InlineData(9, 3)]
    [InlineData(4, 8)]
    public void Parts_of_a_batch_come_one_after_the_other(int size, int parts)
    {
        var whole = new BucketedBatches(Pairs, new() { BatchSize = size }).Groups(2);
        var cut = new BucketedBatches(Pairs, new() { BatchSize = size, Parts = parts }).Groups(2);
        var wanted = whole.Where(batch => batch.Count >= parts).Concat(whole.Where(batch => batch.Count < parts)).ToList();
        var next = 0;
        foreach (var batch in wanted)
        {
            var own = cut.Skip(next).Take(batch.Count < parts ? 1 : parts).ToList();
            next += own.Count;
            Assert.Equal(batch.ToHashSet(ReferenceEqualityComparer.Instance), own.SelectMany(part => part).ToHashSet(ReferenceEqualityComparer.Instance));
            Assert.InRange(own.Max(part => part.Count) - own.Min(part => part.Count), 0, 1);
        }

        Assert.Equal(cut.Count, next);
    }

    [Fact]
    public void No_examples_and_sizes_that_are_not_positive_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new BucketedBatches([], new()));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BucketedBatches(Pairs, new() { BatchSize = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BucketedBatches(Pairs, new() { TokenBudget = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BucketedBatches(Pairs, new() { PoolBatches = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BucketedBatches(Pairs, new() { Parts = 0 }));
    }

    private static int Length(SequencePair pair) => Math.Max(pair.Source.Length, pair.Target.Length + 1);

    private static string Order(long seed, long epoch) =>
        string.Join(',', new BucketedBatches(Pairs, new() { BatchSize = 10, Seed = seed }).Groups(epoch).SelectMany(batch => batch).Select(pair => pair.Target[0]));

    private static IEnumerable<SequencePair> MakePairs()
    {
        for (var i = 0; i < 211; i++)
            yield return new(new int[1 + (i * 7 % 5)], [i, .. new int[i * 3 % 7]]);
    }
}
