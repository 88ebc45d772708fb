using static TorchSharp.torch;

namespace ContextAware.Positions;

/// <summary>How positions enter the scores: a bias for each head that depends on the distance of key and query.</summary>
public interface IPositionBias
{
    /// <summary>The bias of queries that are aligned to the end of the keys.</summary>
    /// <param name="query">[B, T, D] or [B, H, T, E]; only T, the type and the device matter.</param>
    /// <param name="keyLength">S.</param>
    /// <returns>[1, H, T or 1, S].</returns>
    Tensor Bias(Tensor query, long keyLength);

    /// <summary>The bias of queries at positions of their own, in rows of unequal length.</summary>
    /// <param name="query">[B, T, D] or [B, H, T, E]; only the type and the device matter.</param>
    /// <param name="ids">int64 [B, T], from 0 to S - 1.</param>
    /// <param name="keyLength">S: key s stands at position s.</param>
    /// <returns>[B or 1, H, T or 1, S].</returns>
    Tensor BiasAt(Tensor query, Tensor ids, long keyLength);
}
