using ContextAware.Models.Seq2Seq.Unrolled;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>An LSTM step: Hochreiter and Schmidhuber 1997 with a forget gate, as in PyTorch.</summary>
internal sealed class LstmCell(long inputWidth, long contextWidth, long width)
    : RecurrentCell(nameof(LstmCell), CellKind.Lstm, inputWidth, contextWidth, width)
{
    public override UnrolledCell Unroll() => new UnrolledLstm(ContextWeight.t(), StateWeight.t());

    private protected override Tensor FoldedBias => InputBias + StateBias;

    internal override Tensor? CandidateBias => null;
}
