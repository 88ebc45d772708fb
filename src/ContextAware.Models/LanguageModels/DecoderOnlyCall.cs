using ContextAware.Caching;

namespace ContextAware.Models.LanguageModels;

/// <summary>What comes with the tokens in one call of a <see cref="DecoderOnlyModel"/>.</summary>
public sealed record DecoderOnlyCall
{
    /// <summary>Tokens alone.</summary>
    public static DecoderOnlyCall Default { get; } = new();

    /// <summary>
    /// A cache for each layer, with the keys and values of the tokens that came before; the new ones are added. Null: these
    /// tokens are all there are.
    /// </summary>
    public IReadOnlyList<KeyValueCache>? Caches { get; init; }

    /// <summary>How many positions at the start of each row are padding, of the whole text with what is cached; null: none.</summary>
    public LeftPadding? Padding { get; init; }

    /// <summary>Whether only the last position's logits are wanted.</summary>
    public bool LastOnly { get; init; }

    /// <summary>Whether to return the attention weights.</summary>
    public bool NeedWeights { get; init; }
}
