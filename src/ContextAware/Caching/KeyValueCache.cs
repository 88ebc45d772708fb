using static TorchSharp.torch;

namespace ContextAware.Caching;

/// <summary>Keeps the keys and values of earlier steps, so that a decoding step projects only what is new.</summary>
public abstract class KeyValueCache
{
    /// <summary>The number of positions that have gone by: where the next query stands.</summary>
    public abstract long Length { get; }

    /// <summary>
    /// Keys and values of a source that is complete, as in cross-attention: then nothing is projected or appended any
    /// more, [B, G, S, E] and [B, G, S, V]. Null for a cache that grows.
    /// </summary>
    public virtual (Tensor Key, Tensor Value)? Source => null;

    /// <summary>Takes in the keys and values of new positions and returns all that there are to attend to.</summary>
    /// <param name="key">[B, G, T, E].</param>
    /// <param name="value">[B, G, T, V].</param>
    /// <returns>
    /// [B, G, S, E] and [B, G, S, V], with the new positions at the end. They belong to the cache: valid until the next
    /// call, not to be disposed by the caller.
    /// </returns>
    public abstract (Tensor Key, Tensor Value) Append(Tensor key, Tensor value);
}
