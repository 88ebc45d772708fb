using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>A GRU step: Cho et al. 2014 (arXiv 1406.1078), with the reset gate after the product, as in PyTorch.</summary>
internal sealed class GruCell(long inputWidth, long contextWidth, long width)
    : RecurrentCell(nameof(GruCell), CellKind.Gru, inputWidth, contextWidth, width)
{
    // The bias of h_n is multiplied by the reset gate and stays out.
    internal override Tensor FoldedBias => InputBias + cat([StateBias.narrow(0, 0, 2 * Width), zeros_like(CandidateBias!)]);

    internal override Tensor? CandidateBias => StateBias.narrow(0, 2 * Width, Width);
}
