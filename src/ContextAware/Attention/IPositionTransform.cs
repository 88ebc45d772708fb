using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>How positions enter queries and keys after the projection: rotary embeddings and the like.</summary>
public interface IPositionTransform
{
    /// <summary>Marks queries with their positions.</summary>
    /// <param name="query">[B, H, T, E].</param>
    /// <param name="offset">The position of the first one.</param>
    /// <returns>[B, H, T, E].</returns>
    Tensor TransformQuery(Tensor query, long offset);

    /// <summary>Marks keys with their positions.</summary>
    /// <param name="key">[B, G, L, E].</param>
    /// <param name="offset">The position of the first one.</param>
    /// <returns>[B, G, L, E].</returns>
    Tensor TransformKey(Tensor key, long offset);

    /// <summary>Marks queries with positions of their own, in rows of unequal length.</summary>
    /// <param name="query">[B, H, T, E].</param>
    /// <param name="ids">int64 [B, T].</param>
    /// <returns>[B, H, T, E].</returns>
    Tensor TransformQueryAt(Tensor query, Tensor ids);

    /// <summary>Marks keys with positions of their own, in rows of unequal length.</summary>
    /// <param name="key">[B, G, T, E].</param>
    /// <param name="ids">int64 [B, T].</param>
    /// <returns>[B, G, T, E].</returns>
    Tensor TransformKeyAt(Tensor key, Tensor ids);
}
