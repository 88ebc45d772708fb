namespace ContextAware.Tests.Attention;

/// <summary>External attention by loops, in the two steps of the paper.</summary>
internal static class NaiveDoubleNorm
{
    /// <summary>A linear layer without bias: [B,N,D] by [M,D] gives [B,N,M].</summary>
    public static double[,,] Scores(double[,,] input, double[,] weight)
    {
        var result = new double[input.GetLength(0), input.GetLength(1), weight.GetLength(0)];
        for (var b = 0; b < result.GetLength(0); b++)
            for (var n = 0; n < result.GetLength(1); n++)
                for (var m = 0; m < result.GetLength(2); m++)
                    for (var d = 0; d < weight.GetLength(1); d++)
                        result[b, n, m] += input[b, n, d] * weight[m, d];
        return result;
    }

    /// <summary>Softmax over the tokens, then each token's row over its sum.</summary>
    public static double[,,] Weights(double[,,] scores)
    {
        var result = new double[scores.GetLength(0), scores.GetLength(1), scores.GetLength(2)];
        var (batch, tokens, slots) = (result.GetLength(0), result.GetLength(1), result.GetLength(2));
        for (var b = 0; b < batch; b++)
        {
            for (var m = 0; m < slots; m++)
            {
                var sum = 0.0;
                for (var n = 0; n < tokens; n++)
                    sum += Math.Exp(scores[b, n, m]);
                for (var n = 0; n < tokens; n++)
                    result[b, n, m] = Math.Exp(scores[b, n, m]) / sum;
            }

            for (var n = 0; n < tokens; n++)
            {
                var sum = 0.0;
                for (var m = 0; m < slots; m++)
                    sum += result[b, n, m];
                for (var m = 0; m < slots; m++)
                    result[b, n, m] /= sum;
            }
        }

        return result;
    }
}
