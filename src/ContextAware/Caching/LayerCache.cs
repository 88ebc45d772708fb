namespace ContextAware.Caching;

/// <summary>What a decoder layer remembers between steps.</summary>
/// <param name="Self">Keys and values of the target's earlier positions.</param>
/// <param name="Cross">Keys and values of the memory; null in a layer that reads none.</param>
public sealed record LayerCache(KeyValueCache Self, CrossAttentionCache? Cross = null);
