namespace ContextAware.Testing;

/// <summary>Attention by plain loops in double: slow, obvious, and the yardstick for every fast path.</summary>
public static class NaiveAttention
{
    /// <summary>Scaled dot-product attention in the ONNX order: scale, softcap, bias, mask, softmax.</summary>
    /// <param name="query">[B,H,T,E].</param>
    /// <param name="key">[B,G,S,E]; H is a multiple of G, and head h reads group h / (H/G).</param>
    /// <param name="value">[B,G,S,V].</param>
    /// <param name="options">Scale, softcap, bias and mask.</param>
    public static NaiveAttentionResult Compute(double[,,,] query, double[,,,] key, double[,,,] value, NaiveAttentionOptions? options = null)
    {
        options ??= new();
        int batch = query.GetLength(0), heads = query.GetLength(1), queries = query.GetLength(2), width = query.GetLength(3);
        int groups = key.GetLength(1), keys = key.GetLength(2), valueWidth = value.GetLength(3);
        Require(key.GetLength(0) == batch && value.GetLength(0) == batch, "batch sizes differ");
        Require(key.GetLength(3) == width, "query and key widths differ");
        Require(value.GetLength(1) == groups && value.GetLength(2) == keys, "keys and values differ in number");
        Require(groups > 0 && heads % groups == 0, "heads are not a multiple of groups");

        var scores = new double[batch, heads, queries, keys];
        var weights = new double[batch, heads, queries, keys];
        var output = new double[batch, heads, queries, valueWidth];
        for (var b = 0; b < batch; b++)
            for (var h = 0; h < heads; h++)
                for (var t = 0; t < queries; t++)
                {
                    var g = h / (heads / groups);
                    var (raw, biased, allowed) = Row(query, key, options, b, h, t);
                    var softmax = Softmax(biased, allowed);
                    for (var s = 0; s < keys; s++)
                        (scores[b, h, t, s], weights[b, h, t, s]) = (raw[s], softmax[s]);
                    for (var v = 0; v < valueWidth; v++)
                        for (var s = 0; s < keys; s++)
                            if (softmax[s] != 0) // a masked NaN in the values stays out
                                output[b, h, t, v] += softmax[s] * value[b, g, s, v];
                }

        return new(output, weights, scores);
    }

    /// <summary>One query: the raw scores, scaled; what softmax sees, with softcap and bias; and which keys count.</summary>
    internal static (double[] Raw, double[] Biased, bool[] Allowed) Row(
        double[,,,] query, double[,,,] key, NaiveAttentionOptions options, int b, int h, int t)
    {
        int heads = query.GetLength(1), queries = query.GetLength(2), width = query.GetLength(3), keys = key.GetLength(2);
        var g = h / (heads / key.GetLength(1));
        var scale = options.ScaleOf(width);
        var (raw, biased, allowed) = (new double[keys], new double[keys], new bool[keys]);
        for (var s = 0; s < keys; s++)
        {
            double dot = 0;
            for (var e = 0; e < width; e++)
                dot += query[b, h, t, e] * key[b, g, s, e];
            raw[s] = scale * dot;
            biased[s] = options.Softcap > 0 ? options.Softcap * Math.Tanh(raw[s] / options.Softcap) : raw[s];
            if (options.Bias is { } bias)
                biased[s] += bias[At(bias, 0, b), At(bias, 1, h), At(bias, 2, t), At(bias, 3, s)];
            allowed[s] = options.Allowed is not { } mask || mask[At(mask, 0, b), At(mask, 1, h), At(mask, 2, t), At(mask, 3, s)];
            allowed[s] &= !options.Causal || s <= t + (keys - queries);
        }

        return (raw, biased, allowed);
    }

    /// <summary>Attention with scores that are already there, one head.</summary>
    /// <param name="scores">[B,T,S]; see <see cref="NaiveScores"/>.</param>
    /// <param name="value">[B,S,V].</param>
    /// <param name="allowed">[B,T,S], true where a query may attend; null means everywhere.</param>
    /// <returns>Output [B,T,V] and weights [B,T,S].</returns>
    public static (double[,,] Output, double[,,] Weights) FromScores(double[,,] scores, double[,,] value, bool[,,]? allowed = null)
    {
        int batch = scores.GetLength(0), queries = scores.GetLength(1), keys = scores.GetLength(2), width = value.GetLength(2);
        var weights = new double[batch, queries, keys];
        var output = new double[batch, queries, width];
        for (var b = 0; b < batch; b++)
            for (var t = 0; t < queries; t++)
            {
                double[] row = [.. Enumerable.Range(0, keys).Select(s => scores[b, t, s])];
                var softmax = Softmax(row, [.. Enumerable.Range(0, keys).Select(s => allowed is null || allowed[b, t, s])]);
                for (var s = 0; s < keys; s++)
                {
                    weights[b, t, s] = softmax[s];
                    for (var v = 0; v < width && softmax[s] != 0; v++)
                        output[b, t, v] += softmax[s] * value[b, s, v];
                }
            }

        return (output, weights);
    }

    /// <summary>Softmax over the allowed scores; all zero where none is allowed.</summary>
    public static double[] Softmax(ReadOnlySpan<double> scores, ReadOnlySpan<bool> allowed)
    {
        var result = new double[scores.Length];
        double highest = double.NegativeInfinity, sum = 0;
        for (var s = 0; s < scores.Length; s++)
            if (allowed[s] && !(scores[s] <= highest))
                highest = scores[s];
        for (var s = 0; s < scores.Length; s++)
            if (allowed[s] && scores[s] != double.NegativeInfinity)
                sum += result[s] = scores[s] == highest ? 1 : Math.Exp(scores[s] - highest);
        for (var s = 0; s < scores.Length; s++)
            result[s] = sum == 0 ? 0 : result[s] / sum;
        return result;
    }

    private static int At(Array array, int dimension, int index) => array.GetLength(dimension) == 1 ? 0 : index;

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
            throw new ArgumentException(otherwise);
    }
}
