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
}
