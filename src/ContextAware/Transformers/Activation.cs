namespace ContextAware.Transformers;

/// <summary>What bends a feed-forward network between its two products.</summary>
public enum Activation
{
    /// <summary>max(0, x) (Nair and Hinton 2010).</summary>
    Relu,

    /// <summary>x·Φ(x), with the normal distribution's Φ (Hendrycks and Gimpel 2016).</summary>
    Gelu,

    /// <summary>GELU as 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))), which GPT-2 was trained with.</summary>
    GeluTanh,

    /// <summary>x·σ(x), also called swish (Hendrycks and Gimpel 2016; Ramachandran et al. 2017).</summary>
    Silu,
}
