using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>What a decoder remembers between steps.</summary>
/// <param name="Layers">The state of each layer <c>[B,D]</c>, the lowest first.</param>
/// <param name="Feed">With input feeding: h̃ of the step before <c>[B,D]</c>; null before the first.</param>
/// <param name="Looked">
/// With coverage: the sum of all weights so far <c>[B,S]</c>; with a location score alone: the weights of the step before;
/// null before the first step, and otherwise.
/// </param>
public sealed record DecoderState(IReadOnlyList<RecurrentState> Layers, Tensor? Feed = null, Tensor? Looked = null) : IDisposable
{
    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        foreach (var layer in Layers) layer.Dispose();
        Feed?.Dispose();
        Looked?.Dispose();
    }

    /// <summary>Keeps the tensors beyond the current dispose scope.</summary>
    public DecoderState MoveToOuterDisposeScope() => Map(tensor => tensor.MoveToOuterDisposeScope());

    /// <summary>Takes the tensors out of all dispose scopes.</summary>
    public DecoderState DetachFromDisposeScope() => Map(tensor => tensor.DetachFromDisposeScope());

    /// <summary>The states of some rows, in new tensors.</summary>
    /// <param name="rows"><c>[N]</c> int64; a row may come more than once.</param>
    public DecoderState Select(Tensor rows) => Map(tensor => tensor.index_select(0, rows));

    private DecoderState Map(Func<Tensor, Tensor> change) => new(
        [.. Layers.Select(layer => new RecurrentState(change(layer.Hidden), layer.Cell is null ? null : change(layer.Cell)))],
        Feed is null ? null : change(Feed),
        Looked is null ? null : change(Looked));
}
