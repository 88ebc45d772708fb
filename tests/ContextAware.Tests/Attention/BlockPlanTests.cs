using ContextAware.Attention;

namespace ContextAware.Tests.Attention;

public class BlockPlanTests
{
    [Theory]
    [InlineData(4, 8, 8, 1024, 1024)]
    [InlineData(1, 8, 8, 8192, 8192)]
    [InlineData(64, 8, 2, 128, 130)]
    [InlineData(3, 2, 1, 7, 1_000_000)]
    [InlineData(1000, 1, 1, 50, 50)]
    public void Every_score_is_in_exactly_one_block_of_bounded_size(long batch, long heads, long groups, long queries, long keys)
    {
        var sizes = new AttentionSizes(batch, heads, groups, queries, keys, 64, 64);
        foreach (var skipsKeys in new[] { false, true })
        {
            var plan = BlockPlan.For(sizes, 4, skipsKeys);
            var covered = 0L;
            foreach (var (start, count) in plan.Queries(sizes))
            {
                foreach (var block in plan.Blocks(sizes, start, count))
                {
                    Assert.Equal((start, count), (block.QueryStart, block.QueryCount));
                    Assert.True(block.BatchStart + block.BatchCount <= batch && block.GroupStart + block.GroupCount <= groups && start + count <= queries);
                    var scores = block.BatchCount * block.GroupCount * sizes.HeadsPerGroup * count * keys;
                    Assert.True(scores * 4 <= 32 << 20 || count <= 16, $"{scores * 4 >> 20} MB");
                    covered += scores;
                }
            }
            Assert.Equal(batch * heads * queries * keys, covered);
        }
    }
}
