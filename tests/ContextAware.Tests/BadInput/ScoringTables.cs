using ContextAware.Scoring;
using TorchSharp;
using static ContextAware.Tests.BadInput.BadInputTable;
using static ContextAware.Tests.BadInput.Mistake;
using static TorchSharp.torch;

namespace ContextAware.Tests.BadInput;

/// <summary>Mistakes with scores.</summary>
internal static class ScoringTables
{
    private const long Dq = 5, Dk = 7;

    internal static Dictionary<Type, BadInputTable> All { get; } = new()
    {
        [typeof(DotScore)] = With([], () => new DotScore(), Dk),
        [typeof(ScaledDotScore)] = With(
            new()
            {
                { ".ctor", OutOfRange, "width", "positive|got 0", () => new ScaledDotScore(0) },
                { ".ctor", OutOfRange, "width", "positive|got -2", () => new ScaledDotScore(-2) },
            },
            () => new ScaledDotScore(Dk), Dk),
        [typeof(CosineScore)] = With(
            new()
            {
                { ".ctor", OutOfRange, "temperature", "positive, finite|got 0", () => new CosineScore(0) },
                { ".ctor", OutOfRange, "temperature", "positive, finite|got -1", () => new CosineScore(-1) },
                { ".ctor", OutOfRange, "temperature", "got NaN", () => new CosineScore(double.NaN) },
                { ".ctor", OutOfRange, "temperature", "positive, finite", () => new CosineScore(double.PositiveInfinity) },
            },
            () => new CosineScore(), Dk),
        [typeof(GeneralScore)] = With(
            new()
            {
                { ".ctor", OutOfRange, "queryWidth", "positive|got 0", () => new GeneralScore(0, 2) },
                { ".ctor", OutOfRange, "keyWidth", "positive|got -1", () => new GeneralScore(2, -1) },
            },
            () => new GeneralScore(Dq, Dk), Dq),
        [typeof(AdditiveScore)] = With(
            new()
            {
                { ".ctor", OutOfRange, "queryWidth", "positive|got -3", () => new AdditiveScore(-3, 2, 2) },
                { ".ctor", OutOfRange, "keyWidth", "positive|got 0", () => new AdditiveScore(2, 0, 2) },
                { ".ctor", OutOfRange, "hidden", "positive|got 0", () => new AdditiveScore(2, 2, 0) },
                { "BlockSize", OutOfRange, "BlockSize", "positive|got 0", () => new AdditiveScore(2, 2, 2) { BlockSize = 0 } },
            },
            () => new AdditiveScore(Dq, Dk, 11), Dq),
        [typeof(ConcatScore)] = With(
            new()
            {
                { ".ctor", OutOfRange, "queryWidth", "positive|got 0", () => new ConcatScore(0, 2, 2) },
                { ".ctor", OutOfRange, "keyWidth", "positive|got -2", () => new ConcatScore(2, -2, 2) },
                { ".ctor", OutOfRange, "hidden", "positive|got 0", () => new ConcatScore(2, 2, 0) },
                { "BlockSize", OutOfRange, "BlockSize", "positive|got -1", () => new ConcatScore(2, 2, 2) { BlockSize = -1 } },
            },
            () => new ConcatScore(Dq, Dk, 11), Dq),
        [typeof(LocationScore)] = With(
            new()
            {
                { ".ctor", OutOfRange, "queryWidth", "positive|got 0", () => new LocationScore(0, 2, 2) },
                { ".ctor", OutOfRange, "keyWidth", "positive|got 0", () => new LocationScore(2, 0, 2) },
                { ".ctor", OutOfRange, "hidden", "positive|got 0", () => new LocationScore(2, 2, 0) },
                { ".ctor", OutOfRange, "filters", "positive|got 0", () => new LocationScore(2, 2, 2, filters: 0) },
                { ".ctor", OutOfRange, "filterWidth", "positive|got 0", () => new LocationScore(2, 2, 2, filterWidth: 0) },
                { ".ctor", OutOfRange, "filterWidth", "odd width|got 4", () => new LocationScore(2, 2, 2, filterWidth: 4) },
                { "Score", Misfit, "previousWeights", "[2,3]|got [2,4]", () => Previous(Z(2, Dq), Z(2, 4)) },
                { "Score", Misfit, "previousWeights", "[2,3]|got [2,3,1]", () => Previous(Z(2, Dq), Z(2, 3, 1)) },
                { "Score", Misfit, "previousWeights", "Float32; got Float64", () => Previous(Z(2, Dq), zeros(2, 3, float64)) },
                { "Score", Misfit, "previousWeights", "cpu; got meta", () => Previous(Z(2, Dq), Elsewhere(2, 3)) },
                { "Score", Misfit, "query", "one step, with previous weights; got [2,1,5]", () => Previous(Z(2, 1, Dq), Z(2, 3)) },
                { "Score", Null, "previousWeights", "", () => Previous(Z(2, Dq), null!) },
            },
            () => new LocationScore(Dq, Dk, 11), Dq),
    };

    private static Tensor Previous(Tensor query, Tensor weights)
    {
        using var score = new LocationScore(Dq, Dk, 11);
        return score.Score(query, score.ProjectKeys(Z(2, 3, Dk)), weights);
    }

    /// <summary>What is the same for every score, with queries of a width and keys of Dk.</summary>
    private static BadInputTable With(BadInputTable table, Func<ScoreFunction> create, long width)
    {
        foreach (var (member, run) in new (string, Func<Tensor, Tensor, Tensor>)[] { ("forward", Call), ("Score", Prepared) })
        {
            var keys = member == "Score" ? "projectedKey" : "key";
            table.Add(member, Null, "query", "", () => run(null!, Z(2, 3, Dk)));
            table.Add(member, Misfit, "query", $"[B,T,Dq] or [B,Dq]|got [{width}]", () => run(Z(width), Z(2, 3, Dk)));
            table.Add(member, Misfit, "query", $"[B,T,Dq] or [B,Dq]|got [2,1,1,{width}]", () => run(Z(2, 1, 1, width), Z(2, 3, Dk)));
            table.Add(member, Misfit, "query", "batch size 2, got 4", () => run(Z(4, 3, width), Z(2, 3, Dk)));
            table.Add(member, Misfit, "query", $"width {width}, got 13", () => run(Z(2, 3, 13), Z(2, 3, Dk)));
            table.Add(member, Misfit, "query", "Float32; got Float64", () => run(zeros([2, 3, width], float64), Z(2, 3, Dk)));
            table.Add(member, Misfit, "query", "Float32; got Int64", () => run(zeros([2, width], int64), Z(2, 3, Dk)));
            table.Add(member, Misfit, "query", "cpu; got meta", () => run(Elsewhere(2, 3, width), Z(2, 3, Dk)));
            table.Add(member, Null, keys, "", () => member == "Score" ? Raw(Z(2, width), null!) : run(Z(2, width), null!));
            table.Add(member, Misfit, keys, "[B,S,Dk], got [3,7]", () => member == "Score" ? Raw(Z(2, width), Z(3, Dk)) : run(Z(2, width), Z(3, Dk)));
        }
        table.Add("ProjectKeys", Null, "key", "", () => Project(null!));
        table.Add("ProjectKeys", Misfit, "key", "[B,S,Dk], got [2,7]", () => Project(Z(2, Dk)));
        using var probe = create();
        if (probe is GeneralScore or AdditiveScore or ConcatScore or LocationScore)
        {
            table.Add("ProjectKeys", Misfit, "key", "width 7, got 8", () => Project(Z(2, 3, Dk + 1)));
            table.Add("ProjectKeys", Misfit, "key", "Float32; got Int64", () => Project(zeros(2, 3, Dk, ScalarType.Int64)));
            table.Add("ProjectKeys", Misfit, "key", "cpu; got meta", () => Project(Elsewhere(2, 3, Dk)));
            table.Add("Score", Misfit, "projectedKey", "of width|got 99", () => Raw(Z(2, width), Z(2, 3, 99)));
        }
        return table;

        Tensor Call(Tensor query, Tensor key)
        {
            using var score = create();
            return score.call(query, key);
        }

        Tensor Prepared(Tensor query, Tensor key)
        {
            using var score = create();
            return score.Score(query, score.ProjectKeys(key));
        }

        Tensor Raw(Tensor query, Tensor projectedKey)
        {
            using var score = create();
            return score.Score(query, projectedKey);
        }

        Tensor Project(Tensor key)
        {
            using var score = create();
            return score.ProjectKeys(key);
        }
    }
}
