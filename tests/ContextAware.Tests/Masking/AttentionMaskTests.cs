using ContextAware.Masking;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Masking;

public class AttentionMaskTests
{
    public static TheoryData<string, long, long, string> Drawings => new()
    {
        { "causal", 3, 3, "#../##./###" },
        { "causal", 2, 5, "####./#####" },
        { "causal", 4, 2, "../../#./##" },
        { "causal from 0", 2, 4, "#.../##.." },
        { "causal from 2", 2, 4, "###./####" },
        { "causal from -1", 3, 3, ".../#../##." },
        { "window 1", 4, 4, "#.../##../.##./..##" },
        { "window 1 1", 3, 3, "##./###/.##" },
        { "window 2", 2, 6, "..###./...###" },
        { "window 1 9223372036854775807", 4, 4, "####/####/.###/..##" },
        { "window 9223372036854775807", 3, 5, "###../####./#####" },
        { "window 9223372036854775807 9223372036854775807", 4, 2, "##/##/##/##" },
        { "window from 0 1 1", 3, 5, "##.../###../.###." },
        { "window from 2 1", 2, 5, ".##../..##." },
        { "window from -1 0 1", 3, 3, "#../##./.##" },
        { "window from 9223372036854775807 1", 2, 3, ".../..." },
        { "causal from 9223372036854775807", 2, 3, "###/###" },
        { "causal from -9223372036854775808", 2, 3, ".../..." },
        { "blocks 9223372036854775807", 2, 3, "###/###" },
        { "blocks 2", 4, 4, "##../##../..##/..##" },
        { "blocks 2", 2, 5, "..##./....#" },
        { "blocks 3", 4, 2, "../../##/##" },
        { "window 1 & blocks 2", 4, 4, "#.../##../..#./..##" },
    };

    [Theory]
    [MemberData(nameof(Drawings))]
    public void Masks_about_positions_see_what_their_definition_says(string kind, long queries, long keys, string expected)
    {
        var drawing = Named(kind).ToString(queries, keys);
        Assert.Equal(expected, string.Join('/', drawing.Split('\n')[1..]));
    }

    [Fact]
    public void Nothing_is_made_for_masks_that_hide_nothing()
    {
        Assert.Null(AttentionMask.None.ToTensor(2, 3, 5, 7, CPU));
        Assert.Null((AttentionMask.None & AttentionMask.None).ToTensor(2, 3, 5, 7, CPU));
        Assert.Null(AttentionMask.Causal.ToTensor(2, 3, 1, 7, CPU));
    }

    [Fact]
    public void Lengths_hide_the_tail_of_each_batch()
    {
        using var scope = NewDisposeScope();
        foreach (var mask in new[] { AttentionMask.FromLengths(3, 0, 5), AttentionMask.FromLengths(tensor(new long[] { 3, 0, 5 })) })
        {
            var allowed = mask.ToTensor(3, 2, 4, 5, CPU)!;
            Assert.Equal([3, 1, 1, 5], allowed.shape);
            Assert.Equal("###..,.....,#####", Text(allowed));
        }
    }

    [Theory]
    [InlineData(PaddingMeaning.TrueIsPadding, "..#,#..")]
    [InlineData(PaddingMeaning.TrueIsToken, "##.,.##")]
    public void Padding_is_read_in_the_polarity_named(PaddingMeaning meaning, string expected)
    {
        using var scope = NewDisposeScope();
        var padding = tensor(new[] { true, true, false, false, true, true }).view(2, 3);
        foreach (var given in new[] { padding, padding.to(int64), padding.to(float32) })
        {
            var allowed = AttentionMask.FromKeyPadding(given, meaning).ToTensor(2, 1, 1, 3, CPU)!;
            Assert.Equal(expected, Text(allowed));
        }
    }

    [Fact]
    public void Documents_see_only_themselves()
    {
        using var scope = NewDisposeScope();
        var ids = tensor(new long[] { 0, 0, 1, 1, 1, 7 }).view(1, 6);
        var mask = AttentionMask.Documents(ids, ids) & AttentionMask.Causal;
        Assert.Equal("Documents & Causal (T = 6, S = 6)\n#.....\n##....\n..#...\n..##..\n..###.\n.....#", mask.ToString());
    }

    [Fact]
    public void A_picture_takes_its_size_from_what_the_mask_knows()
    {
        using var scope = NewDisposeScope();
        var padding = AttentionMask.FromKeyPadding(tensor(new[] { true, true, true, false, true, true, false, false }).view(2, 4), PaddingMeaning.TrueIsToken);
        Assert.Equal("Causal (T = 6, S = 6)\n#.....\n##....\n###...\n####..\n#####.\n######", AttentionMask.Causal.ToString());
        Assert.Equal("FromLengths (T = 1, S = 8)\nbatch 0, head 0:\n###.....\nbatch 1, head 0:\n########", AttentionMask.FromLengths(3, 8).ToString());
        Assert.Equal(AttentionMask.FromLengths(3, 8).ToString(), AttentionMask.FromLengths(tensor(new[] { 3, 8 })).ToString());
        Assert.Equal("FromKeyPadding (T = 1, S = 4)\nbatch 0, head 0:\n###.\nbatch 1, head 0:\n##..", padding.ToString());
        Assert.Equal(
            "CausalFrom & FromKeyPadding (T = 4, S = 4)\nbatch 0, head 0:\n#...\n##..\n###.\n###.\nbatch 1, head 0:\n##..\n##..\n##..\n##..",
            (AttentionMask.CausalFrom(tensor(new long[] { 0, 1 })) & padding).ToString());
        Assert.StartsWith("FromLengths & FromKeyPadding (T = 1, S = 4)", (AttentionMask.FromLengths(9, 2) & padding).ToString(), StringComparison.Ordinal);
        Assert.Equal("SlidingWindowFrom(1, 0) (T = 2, S = 3)\nbatch 0, head 0:\n#..\n##.\nbatch 1, head 0:\n##.\n.##",
            AttentionMask.SlidingWindowFrom(tensor(new long[] { 0, 1 }), 1).ToString(2, 3));
        Assert.EndsWith("\n…", AttentionMask.None.ToString(20, 2), StringComparison.Ordinal);
        Assert.Equal(65, AttentionMask.None.ToString(1, 100).Split('\n')[1].Length);
        Assert.Equal("FromLengths (T = 1, S = 1)", AttentionMask.FromLengths().ToString());
    }

    [Fact]
    public void A_picture_knows_no_size_from_something_empty_or_from_one_that_serves_all()
    {
        using var scope = NewDisposeScope();
        Assert.Equal("FromBoolean (T = 0, S = 3)", AttentionMask.FromBoolean(ones(0, 3, @bool)).ToString());
        Assert.Equal("FromBoolean (T = 1, S = 0)\n", AttentionMask.FromBoolean(ones(1, 0, @bool)).ToString());
        Assert.Equal("Documents (T = 0, S = 2)", AttentionMask.Documents(zeros(1, 0, int64), zeros(1, 2, int64)).ToString());
        Assert.Equal("FromLengths & FromBoolean (T = 1, S = 6)", (AttentionMask.FromLengths() & AttentionMask.FromBoolean(ones(1, 1, @bool))).ToString());
        var row = AttentionMask.FromBoolean(tensor(new[] { true, false }).view(2, 1));
        Assert.Equal("FromBoolean & FromLengths (T = 2, S = 6)\n###...\n......", (row & AttentionMask.FromLengths(3)).ToString());
    }

    [Fact]
    public void A_mask_says_nothing_twice()
    {
        var causal = AttentionMask.Causal & AttentionMask.None & AttentionMask.Causal;
        Assert.Same(AttentionMask.Causal, causal);
        Assert.Equal("Causal & Blocks(2)", (AttentionMask.Causal & (AttentionMask.Blocks(2) & AttentionMask.Causal)).ToString(1, 1).Split(" (")[0]);
    }

    [Fact]
    public void A_boolean_tensor_takes_two_three_or_four_dimensions()
    {
        using var scope = NewDisposeScope();
        var allowed = tensor(new[] { true, false, true, false, false, true }).view(2, 3);
        Assert.Equal([1, 1, 2, 3], AttentionMask.FromBoolean(allowed).ToTensor(5, 4, 2, 3, CPU)!.shape);
        Assert.Equal([5, 1, 2, 3], AttentionMask.FromBoolean(allowed.expand(5, 2, 3)).ToTensor(5, 4, 2, 3, CPU)!.shape);
        Assert.Equal([5, 4, 2, 1], AttentionMask.FromBoolean(allowed.slice(1, 0, 1, 1).expand(5, 4, 2, 1)).ToTensor(5, 4, 2, 3, CPU)!.shape);
    }

    [Fact]
    public void A_mask_leaves_its_tensor_to_its_owner()
    {
        using var allowed = ones(2, 3, @bool);
        var mask = AttentionMask.FromBoolean(allowed);
        mask.ToTensor(1, 1, 2, 3, CPU)!.Dispose();
        using (NewDisposeScope())
            mask.ToTensor(1, 1, 2, 3, CPU);
        Assert.False(allowed.IsInvalid);
        Assert.Equal(6, allowed.sum().item<long>());
    }

    [Fact]
    public void Every_block_of_queries_is_a_part_of_the_whole()
    {
        using var scope = NewDisposeScope();
        var ids = tensor(new long[] { 0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 3 }).view(1, 11);
        var random = tensor(Enumerable.Range(0, 3 * 7 * 11).Select(i => i * i % 5 < 3).ToArray()).view(3, 1, 7, 11);
        AttentionMask[] masks =
        [
            AttentionMask.Causal, AttentionMask.CausalFrom(-2), AttentionMask.CausalFrom(1), AttentionMask.SlidingWindow(2, 1),
            AttentionMask.SlidingWindowFrom(1, 2, 1), AttentionMask.SlidingWindowFrom(tensor(new long[] { 0, 4, -3 }), 1, 2), AttentionMask.CausalFrom(tensor(new long[] { 0, 4, -3 })),
            AttentionMask.Blocks(3), AttentionMask.FromLengths(3, 0, 11), AttentionMask.FromBoolean(random),
            AttentionMask.Documents(ids.slice(1, 4, 11, 1), ids), AttentionMask.Causal & AttentionMask.FromLengths(4, 5, 6),
            AttentionMask.FromKeyPadding(random.select(2, 0).view(3, 11), PaddingMeaning.TrueIsToken) & AttentionMask.SlidingWindow(4),
        ];
        foreach (var mask in masks)
        {
            var whole = mask.ToTensor(3, 2, 7, 11, CPU)!.expand(3, 2, 7, 11);
            for (var start = 0L; start < 7; start += 3)
            {
                var count = Math.Min(3, 7 - start);
                var region = MaskRegion.Whole(3, 2, 7, 11, CPU) with { QueryStart = start, QueryCount = count };
                var (from, to) = mask.VisibleKeys(region);
                region = region with { KeyStart = from, KeyCount = to - from };
                var rows = whole.narrow(2, start, count);
                var part = to == from ? zeros(3, 2, count, 0, @bool) : (mask.Build(region) ?? ones(1, 1, 1, 1, @bool)).expand(3, 2, count, to - from);
                Assert.True(part.Equals(rows.narrow(3, from, to - from)), $"{mask.Name} from {start}");
                Assert.Equal(rows.sum().item<long>(), part.sum().item<long>());
            }
        }
    }

    [Fact]
    public void A_mask_that_denies_empty_rows_has_none()
    {
        using var scope = NewDisposeScope();
        AttentionMask[] masks =
        [
            AttentionMask.None, AttentionMask.Causal, AttentionMask.CausalFrom(-1), AttentionMask.CausalFrom(0), AttentionMask.SlidingWindow(0),
            AttentionMask.SlidingWindowFrom(-1, 0), AttentionMask.SlidingWindowFrom(0, 1, 1),
            AttentionMask.SlidingWindow(1, 2), AttentionMask.Blocks(2), AttentionMask.Causal & AttentionMask.Blocks(3), AttentionMask.Causal & AttentionMask.CausalFrom(-2),
        ];
        foreach (var mask in masks)
        {
            foreach (var (queries, keys) in new[] { (1, 1), (3, 3), (2, 5), (5, 2), (1, 4), (4, 1), (3, 0) })
            {
                var hidesAll = (mask.ToTensor(1, 1, queries, keys, CPU) ?? ones(1, 1, queries, keys, @bool)).any(-1).logical_not().any().item<bool>();
                Assert.True(mask.MayHideAll(queries, keys) || !hidesAll, $"{mask.Name} {queries}×{keys}");
            }
        }
    }

    private static AttentionMask Named(string kind)
    {
        var masks = kind.Split(" & ").Select(part => part.Split(' ') switch
        {
            ["causal"] => AttentionMask.Causal,
            ["causal", "from", var offset] => AttentionMask.CausalFrom(long.Parse(offset)),
            ["window", "from", var offset, var before] => AttentionMask.SlidingWindowFrom(long.Parse(offset), long.Parse(before)),
            ["window", "from", var offset, var before, var after] => AttentionMask.SlidingWindowFrom(long.Parse(offset), long.Parse(before), long.Parse(after)),
            ["window", var before] => AttentionMask.SlidingWindow(long.Parse(before)),
            ["window", var before, var after] => AttentionMask.SlidingWindow(long.Parse(before), long.Parse(after)),
            ["blocks", var size] => AttentionMask.Blocks(long.Parse(size)),
            _ => throw new ArgumentException(kind),
        });
        return masks.Aggregate((left, right) => left & right);
    }

    private static string Text(Tensor allowed)
    {
        var width = allowed.size(-1);
        var cells = allowed.contiguous().data<bool>().ToArray().Select(cell => cell ? '#' : '.');
        return string.Join(',', cells.Chunk((int)width).Select(row => new string(row)));
    }
}
