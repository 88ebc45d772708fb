using ContextAware.Scoring;
using ContextAware.Testing;
using static TorchSharp.torch;

namespace ContextAware.Tests.Scoring;

public class ScoreLifetimeTests
{
    private static readonly Dictionary<string, Func<ScoreFunction>> Scores = new()
    {
        ["general"] = () => new GeneralScore(5, 5),
        ["additive"] = () => new AdditiveScore(5, 5, 7, normalized: true),
        ["concat"] = () => new ConcatScore(5, 5, 7, bias: true),
        ["location"] = () => new LocationScore(5, 5, 7),
        ["cosine"] = () => new CosineScore(),
    };

    public static TheoryData<string> Names => [.. Scores.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_score_outlives_the_dispose_scope_that_it_was_made_in(string name)
    {
        using var outer = NewDisposeScope();
        using var score = Make(name);
        TensorAssert.AllFinite(score.call(randn(2, 3, 5), randn(2, 11, 5)));
    }

    private static ScoreFunction Make(string name)
    {
        using var scope = NewDisposeScope();
        return Scores[name]();
    }
}
