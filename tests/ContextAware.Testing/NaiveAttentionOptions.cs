namespace ContextAware.Testing;

/// <summary>What <see cref="NaiveAttention"/> does besides softmax(q·k)·v.</summary>
public sealed record NaiveAttentionOptions
{
    /// <summary>Factor on q·k; null means 1/√E.</summary>
    public double? Scale { get; init; }

    /// <summary>The factor for keys of this width.</summary>
    internal double ScaleOf(int width) => Scale ?? (width == 0 ? 1 : 1 / Math.Sqrt(width));

    /// <summary>c·tanh(score/c) where positive.</summary>
    public double Softcap { get; init; }

    /// <summary>Added to the scores after the softcap; [B,H,T,S], where a size may be 1.</summary>
    public double[,,,]? Bias { get; init; }

    /// <summary>True where a query may attend; [B,H,T,S], where a size may be 1.</summary>
    public bool[,,,]? Allowed { get; init; }

    /// <summary>Query t sees key s only if s ≤ t + (S − T): the last query sees all keys.</summary>
    public bool Causal { get; init; }
}
