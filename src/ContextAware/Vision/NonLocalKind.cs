namespace ContextAware.Vision;

/// <summary>How a <see cref="NonLocalBlock"/> compares two places: f of Wang et al. 2018, section 3.2.</summary>
public enum NonLocalKind
{
    /// <summary>f = exp(θ(x_i)ᵀφ(x_j)), normalised by its sum over j (eq. 4): a softmax.</summary>
    EmbeddedGaussian,

    /// <summary>f = θ(x_i)ᵀφ(x_j), divided by the number of places (eq. 5).</summary>
    Dot,
}
