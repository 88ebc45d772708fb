using ContextAware.Scoring;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Scoring;

/// <summary>What every score function is checked for.</summary>
internal static class ScoreCheck
{
    /// <summary>Unequal primes, so that a swapped axis fails, and the sizes at the edge.</summary>
    public static TheoryData<long, long, long> Sizes => new()
    {
        { 2, 3, 5 }, { 3, 7, 2 }, { 1, 1, 1 }, { 5, 1, 11 }, { 2, 13, 1 }, { 0, 3, 5 }, { 2, 0, 5 }, { 2, 3, 0 },
    };

    /// <summary>Scores in float64 against loops, for a run of queries and for each of its steps.</summary>
    /// <param name="score">The score function.</param>
    /// <param name="sizes">B, T, S.</param>
    /// <param name="queryWidth">Dq.</param>
    /// <param name="keyWidth">Dk.</param>
    /// <param name="pair">The score of one query and one key.</param>
    public static void AgainstLoops(
        ScoreFunction score, (long B, long T, long S) sizes, long queryWidth, long keyWidth, Func<double[], double[], double> pair)
    {
        using var scope = NewDisposeScope();
        score.to(ScalarType.Float64);
        var query = randn(sizes.B, sizes.T, queryWidth, ScalarType.Float64);
        var key = randn(sizes.B, sizes.S, keyWidth, ScalarType.Float64);
        var expected = NaiveScores.Pairs(TensorArrays.Cube(query), TensorArrays.Cube(key), pair);

        TensorAssert.Close(expected, score.call(query, key), 1e-11, 1e-11);
        var projected = score.ProjectKeys(key);
        TensorAssert.Close(expected, score.Score(query, projected), 1e-11, 1e-11);
        for (var t = 0; t < sizes.T; t++)
        {
            var step = query.select(1, t);
            var row = TensorArrays.From(expected).select(1, t);
            TensorAssert.Close(row, score.Score(step, projected), 1e-11, 1e-11);
            TensorAssert.Close(row, score.call(step, key), 1e-11, 1e-11);
        }
    }

    /// <summary>Gradients by finite differences, for a run of queries and for one step.</summary>
    public static void Gradients(ScoreFunction score, long queryWidth, long keyWidth)
    {
        using var scope = NewDisposeScope();
        var few = new GradientCheckOptions { MaximumElements = 10 };
        GradientCheck.Module(score, x => [score.call(x[0], x[1])], few, randn(2, 3, queryWidth), randn(2, 5, keyWidth));
        GradientCheck.Module(score, x => [score.call(x[0], x[1])], few, randn(2, queryWidth), randn(2, 5, keyWidth));
    }

    /// <summary>A weight matrix as an array.</summary>
    public static double[,] Weight(TorchSharp.Modules.Linear layer) => TensorArrays.Matrix(layer.weight);

    /// <summary>The one row of a weight matrix.</summary>
    public static double[] Row(TorchSharp.Modules.Linear layer) => TensorArrays.Flat(layer.weight);
}
