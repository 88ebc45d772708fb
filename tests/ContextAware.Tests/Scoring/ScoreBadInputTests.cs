using ContextAware.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Scoring;

/// <summary>Bad input: the exception's type, the argument's name, what was expected and what came.</summary>
public class ScoreBadInputTests
{
    private const int Dq = 5, Dk = 7;

    private static readonly Dictionary<string, Func<ScoreFunction>> Scores = new()
    {
        ["general"] = () => new GeneralScore(Dq, Dk),
        ["additive"] = () => new AdditiveScore(Dq, Dk, 11),
        ["concat"] = () => new ConcatScore(Dq, Dk, 11),
        ["location"] = () => new LocationScore(Dq, Dk, 11),
        ["dot"] = () => new DotScore(),
        ["scaled"] = () => new ScaledDotScore(Dk),
        ["cosine"] = () => new CosineScore(),
    };

    private static readonly Dictionary<string, (Func<object> Create, string Argument, string Got)> Constructors = new()
    {
        ["scaled 0"] = (() => new ScaledDotScore(0), "width", "got 0"),
        ["general 0"] = (() => new GeneralScore(0, 2), "queryWidth", "got 0"),
        ["general -1"] = (() => new GeneralScore(2, -1), "keyWidth", "got -1"),
        ["additive query"] = (() => new AdditiveScore(-3, 2, 2), "queryWidth", "got -3"),
        ["additive key"] = (() => new AdditiveScore(2, 0, 2), "keyWidth", "got 0"),
        ["additive hidden"] = (() => new AdditiveScore(2, 2, 0), "hidden", "got 0"),
        ["additive block"] = (() => new AdditiveScore(2, 2, 2) { BlockSize = 0 }, "BlockSize", "got 0"),
        ["concat query"] = (() => new ConcatScore(0, 2, 2), "queryWidth", "got 0"),
        ["concat key"] = (() => new ConcatScore(2, -2, 2), "keyWidth", "got -2"),
        ["concat hidden"] = (() => new ConcatScore(2, 2, 0), "hidden", "got 0"),
        ["concat block"] = (() => new ConcatScore(2, 2, 2) { BlockSize = -1 }, "BlockSize", "got -1"),
        ["cosine 0"] = (() => new CosineScore(0), "temperature", "got 0"),
        ["cosine NaN"] = (() => new CosineScore(double.NaN), "temperature", "got NaN"),
        ["cosine infinite"] = (() => new CosineScore(double.PositiveInfinity), "temperature", "got"),
        ["location query"] = (() => new LocationScore(0, 2, 2), "queryWidth", "got 0"),
        ["location key"] = (() => new LocationScore(2, 0, 2), "keyWidth", "got 0"),
        ["location hidden"] = (() => new LocationScore(2, 2, 0), "hidden", "got 0"),
        ["location filters"] = (() => new LocationScore(2, 2, 2, filters: 0), "filters", "got 0"),
        ["location width 0"] = (() => new LocationScore(2, 2, 2, filterWidth: 0), "filterWidth", "got 0"),
        ["location width even"] = (() => new LocationScore(2, 2, 2, filterWidth: 4), "filterWidth", "odd width, got 4"),
    };

    private static readonly Dictionary<string, (long[] Query, long[] Key, ScalarType Type, string Argument, string Expected)> Inputs = new()
    {
        ["query of rank 1"] = ([Dk], [2, 3, Dk], float32, "query", "got [7]"),
        ["query of rank 4"] = ([2, 1, 1, Dk], [2, 3, Dk], float32, "query", "got [2,1,1,7]"),
        ["key of rank 2"] = ([2, Dk], [3, Dk], float32, "key", "got [3,7]"),
        ["another batch"] = ([4, 3, Dk], [2, 3, Dk], float32, "query", "batch size 2, got 4"),
        ["another width of the query"] = ([2, 3, 13], [2, 3, Dk], float32, "query", "of width 7, got 13"),
        ["another type of the query"] = ([2, 3, Dk], [2, 3, Dk], float64, "query", "Float32; got Float64"),
        ["integers"] = ([2, 3, Dk], [2, 3, Dk], int64, "query", "Float32; got Int64"),
    };

    public static TheoryData<string> ConstructorCases => [.. Constructors.Keys];

    public static TheoryData<string, string> InputCases => [.. from score in Scores.Keys from input in Inputs.Keys select (score, input)];

    public static TheoryData<string> ScoreCases => [.. Scores.Keys];

    [Theory]
    [MemberData(nameof(ConstructorCases))]
    public void A_constructor_names_the_argument(string name)
    {
        var (create, argument, got) = Constructors[name];
        var error = Assert.Throws<ArgumentOutOfRangeException>(create);
        Assert.Equal(argument, error.ParamName);
        Assert.Contains(got, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(InputCases))]
    public void A_call_names_the_argument_what_was_expected_and_what_came(string name, string input)
    {
        using var scope = NewDisposeScope();
        using var score = Scores[name]();
        var (query, key, type, argument, expected) = Inputs[input];
        // The table is for equal widths; where they differ, the query's is Dq.
        var width = name is "general" or "additive" or "concat" or "location" ? Dq : Dk;
        var sizes = query[^1] == Dk ? [.. query[..^1], width] : query;
        var message = expected.Replace("of width 7", $"of width {width}", StringComparison.Ordinal)
            .Replace(input.StartsWith("query", StringComparison.Ordinal) ? "7]" : "\0", $"{width}]", StringComparison.Ordinal);
        var error = Assert.Throws<ArgumentException>(() => score.call(zeros(sizes, type), zeros(key)));
        Assert.Equal(argument, error.ParamName);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ScoreCases))]
    public void Null_is_refused(string name)
    {
        using var scope = NewDisposeScope();
        using var score = Scores[name]();
        Assert.Equal("key", Assert.Throws<ArgumentNullException>(() => score.call(zeros(2, 3, Dq), null!)).ParamName);
        Assert.Equal("query", Assert.Throws<ArgumentNullException>(() => score.call(null!, zeros(2, 3, Dk))).ParamName);
        Assert.Equal("key", Assert.Throws<ArgumentNullException>(() => score.ProjectKeys(null!)).ParamName);
        Assert.Equal("projectedKey", Assert.Throws<ArgumentNullException>(() => score.Score(zeros(2, Dq), null!)).ParamName);
    }

    [Theory]
    [InlineData("general")]
    [InlineData("additive")]
    [InlineData("concat")]
    [InlineData("location")]
    public void Keys_of_another_width_or_type_are_refused(string name)
    {
        using var scope = NewDisposeScope();
        using var score = Scores[name]();
        var width = Assert.Throws<ArgumentException>(() => score.ProjectKeys(zeros(2, 3, Dk + 1)));
        Assert.Equal("key", width.ParamName);
        Assert.Contains("width 7, got 8", width.Message, StringComparison.Ordinal);
        var type = Assert.Throws<ArgumentException>(() => score.call(zeros(2, Dq), zeros(2, 3, Dk, ScalarType.Int64)));
        Assert.Equal("key", type.ParamName);
        Assert.Contains("Float32; got Int64", type.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Previous_weights_must_fit()
    {
        using var scope = NewDisposeScope();
        using var score = new LocationScore(Dq, Dk, 11);
        var projected = score.ProjectKeys(zeros(2, 3, Dk));
        Check("previousWeights", "[2,3], got [2,4]", () => score.Score(zeros(2, Dq), projected, zeros(2, 4)));
        Check("previousWeights", "[2,3], got [2,3,1]", () => score.Score(zeros(2, Dq), projected, zeros(2, 3, 1)));
        Check("previousWeights", "Float32; got Float64", () => score.Score(zeros(2, Dq), projected, zeros(2, 3, ScalarType.Float64)));
        Check("query", "one step, with previous weights; got [2,1,5]", () => score.Score(zeros(2, 1, Dq), projected, zeros(2, 3)));
        Assert.Throws<ArgumentNullException>("previousWeights", () => score.Score(zeros(2, Dq), projected, null!));

        static void Check(string argument, string message, Func<object> call)
        {
            var error = Assert.Throws<ArgumentException>(call);
            Assert.Equal(argument, error.ParamName);
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
        }
    }
}
