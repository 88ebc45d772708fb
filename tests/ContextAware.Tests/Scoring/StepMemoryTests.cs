using ContextAware.Scoring;
using static TorchSharp.torch;

namespace ContextAware.Tests.Scoring;

/// <summary>A decoding step scores prepared keys where they lie; long inputs are scored without holding [B,T,S,hidden].</summary>
[Collection(nameof(PeakMemory))]
public class StepMemoryTests
{
    private const long D = 64;

    private static readonly Dictionary<string, Func<ScoreFunction>> Scores = new()
    {
        ["dot"] = () => new DotScore(),
        ["scaled dot"] = () => new ScaledDotScore(D),
        ["general"] = () => new GeneralScore(D, D),
        ["additive"] = () => new AdditiveScore(D, D, D),
        ["additive, normalised"] = () => new AdditiveScore(D, D, D, normalized: true),
        ["concat"] = () => new ConcatScore(D, D, D),
        ["cosine"] = () => new CosineScore(),
        ["location"] = () => new LocationScore(D, D, D),
    };

    public static TheoryData<string> Names => [.. Scores.Keys];

    public static TheoryData<string> InBlocks => ["additive", "concat", "location"];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_step_copies_no_keys(string name)
    {
        // 200,000 keys of 64 numbers are 49 MB; their scores are 0.8.
        const double Bound = 20;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var score = Scores[name]();
        Tensor key = randn(1, 200_000, D), query = randn(1, D);
        var projected = score.ProjectKeys(key);
        score.Score(query, projected.narrow(1, 0, 100));
        Assert.True(Grown(() => score.Score(query, projected)) < Bound);
    }

    [Theory]
    [MemberData(nameof(InBlocks))]
    public void A_long_input_is_scored_and_differentiated_without_holding_the_sum_inside(string name)
    {
        // [1,700,700,64] would be 125 MB in float32, and its gradient as much again.
        const double Bound = 80;
        using var scope = NewDisposeScope();
        using var score = Scores[name]();
        Tensor query = randn(1, 700, D).requires_grad_(), key = randn(1, 700, D);
        score.call(query.narrow(1, 0, 7), key).sum().backward();
        Assert.True(Grown(() => score.call(query, key).sum().backward()) < Bound);
    }

    private static double Grown(Action action)
    {
        PeakMemory.Reset();
        var before = PeakMemory.Megabytes();
        action();
        return PeakMemory.Megabytes() - before;
    }
}
