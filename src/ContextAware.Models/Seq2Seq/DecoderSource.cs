using ContextAware.Attention;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>What a decoder needs of the source at every step, made ready once. Made by <see cref="RecurrentDecoder.Prepare"/>.</summary>
/// <remarks>Owns its tensors: dispose it, or make it in a dispose scope.</remarks>
public sealed class DecoderSource : IDisposable
{
    internal DecoderSource(AttentionSource? attended, Tensor? lengths, Tensor? positions, Tensor? symbols) =>
        (Attended, Lengths, Positions, Symbols) = (attended, lengths, positions, symbols);

    /// <summary>Keys, values and mask; null for a decoder that does not look.</summary>
    public AttentionSource? Attended { get; }

    /// <summary>How long each source is, in the type of the source, float32 for half precision <c>[B,1]</c>; null without a window.</summary>
    internal Tensor? Lengths { get; }

    /// <summary>0, 1, …, S−1 in the type of the lengths <c>[S]</c>; null without a window.</summary>
    internal Tensor? Positions { get; }

    /// <summary>The number that copying a position writes <c>[B,S]</c> int64; null without copying.</summary>
    internal Tensor? Symbols { get; }

    /// <summary>How many rows of a state look at each source, side by side: see <see cref="RecurrentDecoder.Share"/>.</summary>
    internal int RowsEach { get; set; } = 1;

    /// <summary>What each position adds to the first layer's gates when it is looked at <c>[B,S,G·D]</c>; null unless shared.</summary>
    internal Tensor? Gates { get; set; }

    /// <summary>The same sources for other rows.</summary>
    /// <param name="rows"><c>[N]</c> int64; a row may come more than once.</param>
    public DecoderSource Select(Tensor rows) => new(
        Attended?.Select(rows),
        Lengths?.index_select(0, rows),
        Positions?.alias(),
        Symbols?.index_select(0, rows))
    {
        Gates = Gates?.index_select(0, rows),
    };

    /// <summary>Leaves the source to the enclosing dispose scope.</summary>
    public DecoderSource MoveToOuterDisposeScope()
    {
        Attended?.MoveToOuterDisposeScope();
        foreach (var tensor in Tensors) tensor.MoveToOuterDisposeScope();
        return this;
    }

    /// <summary>Takes the source out of all dispose scopes: who calls this disposes it.</summary>
    public DecoderSource DetachFromDisposeScope()
    {
        Attended?.DetachFromDisposeScope();
        foreach (var tensor in Tensors) tensor.DetachFromDisposeScope();
        return this;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Attended?.Dispose();
        foreach (var tensor in Tensors) tensor.Dispose();
    }

    private IEnumerable<Tensor> Tensors => new[] { Lengths, Positions, Symbols, Gates }.OfType<Tensor>();
}
