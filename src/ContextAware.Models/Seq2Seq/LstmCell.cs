using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>An LSTM step: Hochreiter and Schmidhuber 1997 with a forget gate, as in PyTorch.</summary>
internal sealed class LstmCell(long inputWidth, long contextWidth, long width)
    : RecurrentCell(nameof(LstmCell), CellKind.Lstm, inputWidth, contextWidth, width)
{
    internal override Tensor FoldedBias => InputBias + StateBias;

    internal override Tensor? CandidateBias => null;
}
