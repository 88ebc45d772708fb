namespace ContextAware.Masking;

/// <summary>What <c>true</c> stands for in a padding tensor. PyTorch and Hugging Face disagree, so it must be said.</summary>
public enum PaddingMeaning
{
    /// <summary>True marks padding, as <c>key_padding_mask</c> of PyTorch does.</summary>
    TrueIsPadding,

    /// <summary>True (or 1) marks a real token, as <c>attention_mask</c> of Hugging Face does.</summary>
    TrueIsToken,
}
