using static TorchSharp.torch;

namespace ContextAware.Interop;

/// <summary>Moves raw bytes in and out of contiguous CPU tensors of any size.</summary>
internal static class TensorBytes
{
    // A span holds at most 2 GiB, so larger tensors go in pieces.
    private const long DefaultPieceBytes = 1 << 30;

    internal delegate void Visitor(long offset, Span<byte> bytes);

    /// <summary>Visits the memory of a contiguous CPU tensor in order, in pieces of whole elements.</summary>
    internal static void Visit(Tensor tensor, int elementSize, Visitor visit, long pieceBytes = DefaultPieceBytes)
    {
        using var scope = NewDisposeScope();
        var count = tensor.numel();
        if (count == 0)
            return;
        var pieceLength = pieceBytes / elementSize;
        if (count <= pieceLength)
        {
            visit(0, tensor.bytes);
            return;
        }
        var flat = tensor.view(-1);
        for (var start = 0L; start < count; start += pieceLength)
            visit(start * elementSize, flat.narrow(0, start, Math.Min(pieceLength, count - start)).bytes);
    }
}
