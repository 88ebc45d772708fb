using ContextAware.Caching;
using ContextAware.Masking;
using ContextAware.Models.Decoding;
using ContextAware.Transformers;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>Writes targets with a <see cref="TransformerSeq2Seq"/>, a row each; keys and values of what is written stay in caches.</summary>
internal sealed class TransformerSession : DecodingSession
{
    private readonly TransformerSeq2Seq model;
    private readonly StackCache cache;
    private Tensor memory;
    private long[]? lengths;
    private AttentionMask mask;
    private long[] sources;

    /// <param name="model">Who writes.</param>
    /// <param name="layers">How many layers its decoder has.</param>
    /// <param name="memory">[B, S, D]; taken over.</param>
    /// <param name="lengths">[B], or null without padding.</param>
    public TransformerSession(TransformerSeq2Seq model, int layers, Tensor memory, long[]? lengths)
    {
        this.model = model;
        this.memory = memory.DetachFromDisposeScope();
        this.lengths = lengths;
        mask = SourceLengths.Mask(lengths);
        cache = new(layers, () => new GrowingCache(), cross: true);
        sources = [.. Enumerable.Range(0, (int)memory.size(0)).Select(row => (long)row)];
    }

    public override DecodingStep Advance(Tensor tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        using var step = tokens.unsqueeze(1);                                          // [N, 1]
        return model.Step(step, memory, new()
        {
            Mask = AttentionMask.Causal,
            MemoryMask = mask,
            Weights = StackWeights.LastLayer,
            Cache = cache,
        });
    }

    public override void Reorder(long[] rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var index = tensor(rows, device: memory.device);
        // Beams change places within their own source most of the time; then what was read stays as it is.
        var reordered = Array.ConvertAll(rows, row => sources[row]);
        if (reordered.AsSpan().SequenceEqual(sources))
        {
            cache.ReorderTargets(index);
            return;
        }
        cache.Reorder(index);
        var whole = memory;
        memory = whole.index_select(0, index).DetachFromDisposeScope();
        whole.Dispose();
        lengths = lengths is null ? null : Array.ConvertAll(rows, row => lengths[row]);
        mask = SourceLengths.Mask(lengths);
        sources = reordered;
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        cache.Dispose();
        memory.Dispose();
    }
}
