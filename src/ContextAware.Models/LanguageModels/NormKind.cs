namespace ContextAware.Models.LanguageModels;

/// <summary>What normalises the vectors of a model.</summary>
public enum NormKind
{
    /// <summary>Layer norm (Ba et al. 2016), as in GPT-2.</summary>
    Layer,

    /// <summary>RMS norm (Zhang and Sennrich 2019), as in Llama.</summary>
    Rms,
}
