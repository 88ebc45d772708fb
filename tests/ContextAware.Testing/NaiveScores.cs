namespace ContextAware.Testing;

/// <summary>Score functions by plain loops in double. Weight matrices are [out, in], as in a linear layer.</summary>
public static class NaiveScores
{
    /// <summary>Scores of every query against every key.</summary>
    /// <param name="query">[B,T,Dq].</param>
    /// <param name="key">[B,S,Dk].</param>
    /// <param name="score">From one query and one key to one score; the methods below.</param>
    /// <returns>[B,T,S].</returns>
    public static double[,,] Pairs(double[,,] query, double[,,] key, Func<double[], double[], double> score)
    {
        int batch = query.GetLength(0), queries = query.GetLength(1), keys = key.GetLength(1);
        var result = new double[batch, queries, keys];
        for (var b = 0; b < batch; b++)
            for (var t = 0; t < queries; t++)
                for (var s = 0; s < keys; s++)
                    result[b, t, s] = score(Row(query, b, t), Row(key, b, s));
        return result;
    }

    /// <summary>qᵀk (Luong et al. 2015, "dot").</summary>
    public static double Dot(double[] query, double[] key) => query.Zip(key, (q, k) => q * k).Sum();

    /// <summary>qᵀk / √D (Vaswani et al. 2017).</summary>
    public static double ScaledDot(double[] query, double[] key) => Dot(query, key) / Math.Sqrt(key.Length);

    /// <summary>qᵀWk (Luong et al. 2015, "general").</summary>
    /// <param name="query">[Dq].</param>
    /// <param name="weight">[Dq,Dk].</param>
    /// <param name="key">[Dk].</param>
    public static double General(double[] query, double[,] weight, double[] key) => Dot(query, Times(weight, key));

    /// <summary>vᵀtanh(W q + U k + b) (Bahdanau et al. 2015).</summary>
    /// <param name="query">[Dq].</param>
    /// <param name="queryWeight">W, [A,Dq].</param>
    /// <param name="key">[Dk].</param>
    /// <param name="keyWeight">U, [A,Dk].</param>
    /// <param name="v">[A].</param>
    /// <param name="bias">[A], or null.</param>
    public static double Additive(double[] query, double[,] queryWeight, double[] key, double[,] keyWeight, double[] v, double[]? bias = null)
    {
        double[] q = Times(queryWeight, query), k = Times(keyWeight, key);
        return Enumerable.Range(0, v.Length).Sum(a => v[a] * Math.Tanh(q[a] + k[a] + (bias?[a] ?? 0)));
    }

    /// <summary>vᵀtanh(W[q;k] + b) (Luong et al. 2015, "concat").</summary>
    /// <param name="query">[Dq].</param>
    /// <param name="key">[Dk].</param>
    /// <param name="weight">[A,Dq+Dk].</param>
    /// <param name="v">[A].</param>
    /// <param name="bias">[A], or null.</param>
    public static double Concat(double[] query, double[] key, double[,] weight, double[] v, double[]? bias = null)
    {
        var hidden = Times(weight, [.. query, .. key]);
        return Enumerable.Range(0, v.Length).Sum(a => v[a] * Math.Tanh(hidden[a] + (bias?[a] ?? 0)));
    }

    /// <summary>qᵀk / (|q||k|), each length no less than <paramref name="epsilon"/> (Graves et al. 2014).</summary>
    public static double Cosine(double[] query, double[] key, double epsilon = 1e-8)
        => Dot(query, key) / (Math.Max(Math.Sqrt(Dot(query, query)), epsilon) * Math.Max(Math.Sqrt(Dot(key, key)), epsilon));

    /// <summary>Matrix times vector.</summary>
    public static double[] Times(double[,] matrix, double[] vector)
    {
        if (matrix.GetLength(1) != vector.Length)
            throw new ArgumentException($"A matrix of {matrix.GetLength(1)} columns meets a vector of {vector.Length}.", nameof(vector));
        return [.. Enumerable.Range(0, matrix.GetLength(0)).Select(r => Enumerable.Range(0, vector.Length).Sum(c => matrix[r, c] * vector[c]))];
    }

    private static double[] Row(double[,,] array, int b, int t)
        => [.. Enumerable.Range(0, array.GetLength(2)).Select(d => array[b, t, d])];
}
