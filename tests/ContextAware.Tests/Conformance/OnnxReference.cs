using ContextAware.Testing;

namespace ContextAware.Tests.Conformance;

/// <summary>
/// The Attention operator by loops, written from the text of the ONNX standard (opset 25), so that cases beyond the published
/// ones can be made. Arrays are [B, heads, length, width].
/// </summary>
internal sealed record OnnxReference
{
    internal required double[,,,] Query { get; init; }

    /// <summary>The past and the new keys, one after the other.</summary>
    internal required double[,,,] Key { get; init; }

    internal required double[,,,] Value { get; init; }

    /// <summary>attn_mask of numbers, broadcast to [B, H, T, S]; −∞ where a bool one hides.</summary>
    internal required Func<int, int, int, int, double> Mask { get; init; }

    /// <summary>Null without a past.</summary>
    internal int? Past { get; init; }

    /// <summary>nonpad_kv_seqlen.</summary>
    internal long[]? Lengths { get; init; }

    internal bool Causal { get; init; }

    internal long Left { get; init; } = -1;

    internal long Right { get; init; } = -1;

    internal double? Scale { get; init; }

    internal double Softcap { get; init; }

    /// <summary>Y, and the four modes of qk_matmul_output.</summary>
    internal (double[,,,] Output, double[][,,,] Stages) Compute()
    {
        int batch = Query.GetLength(0), heads = Query.GetLength(1), queries = Query.GetLength(2), keys = Key.GetLength(2), width = Value.GetLength(3);
        var output = new double[batch, heads, queries, width];
        double[][,,,] stages = [.. Enumerable.Range(0, 4).Select(_ => new double[batch, heads, queries, keys])];
        for (var b = 0; b < batch; b++)
            for (var h = 0; h < heads; h++)
                for (var t = 0; t < queries; t++)
                {
                    var group = h / (heads / Key.GetLength(1));
                    for (var s = 0; s < keys; s++)
                        (stages[0][b, h, t, s], stages[1][b, h, t, s], stages[2][b, h, t, s]) = Score(b, h, group, t, s);
                    double[] row = [.. Enumerable.Range(0, keys).Select(s => stages[2][b, h, t, s])];
                    var weights = NaiveAttention.Softmax(row, [.. row.Select(score => score != double.NegativeInfinity)]);
                    for (var s = 0; s < keys; s++)
                    {
                        stages[3][b, h, t, s] = weights[s];
                        for (var v = 0; v < width; v++)
                            output[b, h, t, v] += weights[s] * Value[b, group, s, v];
                    }
                }

        return (output, stages);
    }

    private (double Raw, double Capped, double Biased) Score(int b, int h, int group, int t, int s)
    {
        var width = Query.GetLength(3);
        double raw = 0;
        for (var e = 0; e < width; e++)
            raw += Query[b, h, t, e] * Key[b, group, s, e];
        raw *= Scale ?? 1 / Math.Sqrt(width);
        var capped = Softcap > 0 ? Softcap * Math.Tanh(raw / Softcap) : raw;
        return (raw, capped, Sees(b, t, s) ? capped + Mask(b, h, t, s) : double.NegativeInfinity);
    }

    private bool Sees(int b, int t, int s)
    {
        var offset = Past ?? (Lengths is null ? 0 : Lengths[b] - Query.GetLength(2));
        var position = t + offset;
        return (Lengths is null || s < Lengths[b])
            && (!Causal || s <= position)
            && (Left < 0 || s >= position - Left)
            && (Right < 0 || s <= position + Right);
    }
}
