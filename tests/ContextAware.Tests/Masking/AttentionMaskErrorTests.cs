using ContextAware.Masking;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Masking;

public class AttentionMaskErrorTests
{
    public static TheoryData<string, string, string[]> BadMasks => new()
    {
        { "window -1", "before", ["-1"] },
        { "window 1 -2", "after", ["-2"] },
        { "blocks 0", "size", ["0"] },
        { "lengths -1", "lengths", ["-1"] },
        { "lengths float", "lengths", ["integers [B]", "Float32"] },
        { "lengths 2-d", "lengths", ["[B]", "[2, 1]"] },
        { "padding 1-d", "padding", ["[B, S]", "[3]"] },
        { "padding meaning", "meaning", ["TrueIsPadding", "7"] },
        { "documents float", "queryIds", ["integers [B, T]", "Float32"] },
        { "documents 1-d", "keyIds", ["[B, S]", "[4]"] },
        { "boolean float", "allowed", ["bool", "Float32"] },
        { "boolean 1-d", "allowed", ["[T, S]", "[3]"] },
    };

    [Theory]
    [MemberData(nameof(BadMasks))]
    public void A_bad_argument_is_named_with_what_came(string kind, string parameter, string[] fragments)
    {
        using var scope = NewDisposeScope();
        var thrown = Assert.ThrowsAny<ArgumentException>(() => Make(kind));
        Assert.Equal(parameter, thrown.ParamName);
        Assert.All(fragments, fragment => Assert.Contains(fragment, thrown.Message));
    }

    public static TheoryData<string, string, string[]> BadFits => new()
    {
        { "lengths", "lengths", ["[B] = [5]", "[3]"] },
        { "padding", "padding", ["[B, S] = [5, 7]", "[5, 6]"] },
        { "documents", "keyIds", ["[B, S] = [5, 7]", "[1, 6]"] },
        { "boolean", "allowed", ["[B, H, T, S] = [5, 2, 4, 7]", "[1, 3, 4, 7]"] },
    };

    [Theory]
    [MemberData(nameof(BadFits))]
    public void A_mask_of_another_size_is_refused(string kind, string parameter, string[] fragments)
    {
        using var scope = NewDisposeScope();
        var mask = kind switch
        {
            "lengths" => AttentionMask.FromLengths(1, 2, 3),
            "padding" => AttentionMask.FromKeyPadding(ones(5, 6, @bool), PaddingMeaning.TrueIsToken),
            "documents" => AttentionMask.Documents(zeros(5, 4, int64), zeros(1, 6, int64)),
            _ => AttentionMask.FromBoolean(ones(1, 3, 4, 7, @bool)),
        };
        foreach (var given in new[] { mask, AttentionMask.Causal & mask })
        {
            var thrown = Assert.Throws<ArgumentException>(() => given.ToTensor(5, 2, 4, 7, CPU));
            Assert.Equal(parameter, thrown.ParamName);
            Assert.All(fragments, fragment => Assert.Contains(fragment, thrown.Message));
        }
    }

    [Fact]
    public void Nulls_are_named()
    {
        Assert.Equal("right", Assert.Throws<ArgumentNullException>(() => AttentionMask.Causal & null!).ParamName);
        Assert.Equal("left", Assert.Throws<ArgumentNullException>(() => null! & AttentionMask.Causal).ParamName);
        Assert.Equal("other", Assert.Throws<ArgumentNullException>(() => AttentionMask.Causal.And(null!)).ParamName);
        Assert.Equal("allowed", Assert.Throws<ArgumentNullException>(() => AttentionMask.FromBoolean(null!)).ParamName);
        Assert.Equal("lengths", Assert.Throws<ArgumentNullException>(() => AttentionMask.FromLengths((Tensor)null!)).ParamName);
        Assert.Equal("padding", Assert.Throws<ArgumentNullException>(() => AttentionMask.FromKeyPadding(null!, PaddingMeaning.TrueIsToken)).ParamName);
        Assert.Equal("device", Assert.Throws<ArgumentNullException>(() => AttentionMask.Causal.ToTensor(1, 1, 1, 1, null!)).ParamName);
    }

    [Fact]
    public void Negative_sizes_are_refused() =>
        Assert.Equal("queryLength", Assert.Throws<ArgumentOutOfRangeException>(() => AttentionMask.Causal.ToTensor(1, 1, -1, 1, CPU)).ParamName);

    private static AttentionMask Make(string kind) => kind switch
    {
        "window -1" => AttentionMask.SlidingWindow(-1),
        "window 1 -2" => AttentionMask.SlidingWindow(1, -2),
        "blocks 0" => AttentionMask.Blocks(0),
        "lengths -1" => AttentionMask.FromLengths(2, -1),
        "lengths float" => AttentionMask.FromLengths(ones(2)),
        "lengths 2-d" => AttentionMask.FromLengths(ones(2, 1, int64)),
        "padding 1-d" => AttentionMask.FromKeyPadding(ones(3, @bool), PaddingMeaning.TrueIsToken),
        "padding meaning" => AttentionMask.FromKeyPadding(ones(2, 3, @bool), (PaddingMeaning)7),
        "documents float" => AttentionMask.Documents(ones(2, 3), ones(2, 3, int64)),
        "documents 1-d" => AttentionMask.Documents(ones(2, 3, int64), ones(4, int64)),
        "boolean float" => AttentionMask.FromBoolean(ones(2, 3)),
        "boolean 1-d" => AttentionMask.FromBoolean(ones(3, @bool)),
        _ => throw new InvalidOperationException(kind),
    };
}
