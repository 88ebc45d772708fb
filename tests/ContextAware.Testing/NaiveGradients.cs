namespace ContextAware.Testing;

/// <summary>The gradients of <see cref="NaiveAttention"/>, by the chain rule in plain loops.</summary>
/// <param name="Query">[B,H,T,E].</param>
/// <param name="Key">[B,G,S,E].</param>
/// <param name="Value">[B,G,S,V].</param>
/// <param name="Bias">[B,H,T,S]: to be summed over what one element of the bias served.</param>
public sealed record NaiveGradients(double[,,,] Query, double[,,,] Key, double[,,,] Value, double[,,,] Bias)
{
    /// <summary>Differentiates Σ output·outer.</summary>
    /// <param name="query">[B,H,T,E].</param>
    /// <param name="key">[B,G,S,E].</param>
    /// <param name="value">[B,G,S,V].</param>
    /// <param name="outer">The gradient of the output, [B,H,T,V].</param>
    /// <param name="options">Scale, softcap, bias and mask.</param>
    public static NaiveGradients Of(double[,,,] query, double[,,,] key, double[,,,] value, double[,,,] outer, NaiveAttentionOptions options)
    {
        int batch = query.GetLength(0), heads = query.GetLength(1), queries = query.GetLength(2), width = query.GetLength(3);
        int groups = key.GetLength(1), keys = key.GetLength(2);
        var scale = options.ScaleOf(width);
        var sums = new NaiveGradients(
            new double[batch, heads, queries, width], new double[batch, groups, keys, width],
            new double[batch, groups, keys, value.GetLength(3)], new double[batch, heads, queries, keys]);
        for (var b = 0; b < batch; b++)
            for (var h = 0; h < heads; h++)
                for (var t = 0; t < queries; t++)
                {
                    var g = h / (heads / groups);
                    var (raw, biased, allowed) = NaiveAttention.Row(query, key, options, b, h, t);
                    var weights = NaiveAttention.Softmax(biased, allowed);
                    var slopes = sums.Values(value, outer, weights, allowed, (b, h, g, t));
                    double shared = 0;
                    for (var s = 0; s < keys; s++)
                        shared += weights[s] * slopes[s];
                    for (var s = 0; s < keys; s++)
                    {
                        if (!allowed[s]) // 0·NaN
                            continue;
                        var slope = weights[s] * (slopes[s] - shared);
                        sums.Bias[b, h, t, s] = slope;
                        if (options.Softcap > 0)
                            slope *= 1 - Math.Pow(Math.Tanh(raw[s] / options.Softcap), 2);
                        for (var e = 0; e < width; e++)
                        {
                            sums.Query[b, h, t, e] += scale * slope * key[b, g, s, e];
                            sums.Key[b, g, s, e] += scale * slope * query[b, h, t, e];
                        }
                    }
                }

        return sums;
    }

    /// <summary>Adds to the gradient of the values, and gives that of the weights.</summary>
    private double[] Values(double[,,,] value, double[,,,] outer, double[] weights, bool[] allowed, (int B, int H, int G, int T) at)
    {
        var slopes = new double[weights.Length];
        for (var s = 0; s < slopes.Length; s++)
            for (var v = 0; v < value.GetLength(3) && allowed[s]; v++)
            {
                Value[at.B, at.G, s, v] += weights[s] * outer[at.B, at.H, at.T, v];
                slopes[s] += outer[at.B, at.H, at.T, v] * value[at.B, at.G, s, v];
            }

        return slopes;
    }
}
