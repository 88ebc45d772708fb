using ContextAware.Models.Decoding;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>Writes targets with an <see cref="AttentionDecoder"/>, a row each. Takes over memory and state.</summary>
internal sealed class RecurrentSession : DecodingSession
{
    private readonly AttentionDecoder decoder;
    private AttentionMemory memory;
    private RecurrentState state;
    private long[] sources;

    public RecurrentSession(AttentionDecoder decoder, AttentionMemory memory, RecurrentState state)
    {
        this.decoder = decoder;
        this.memory = memory.DetachFromDisposeScope();
        this.state = state.DetachFromDisposeScope();
        sources = [.. Enumerable.Range(0, (int)memory.Values.shape[0]).Select(row => (long)row)];
    }

    public override DecodingStep Advance(Tensor tokens)
    {
        var (answer, next) = decoder.Advance(tokens, memory, state);
        state.Dispose();
        state = next.DetachFromDisposeScope();
        return answer;
    }

    public override void Reorder(long[] rows)
    {
        using var scope = NewDisposeScope();
        var index = tensor(rows, device: state.Hidden.device);
        var before = state;
        state = before.Select(0, index).DetachFromDisposeScope();
        before.Dispose();
        // Beams change places within their own source most of the time; then the memory stays as it is.
        var reordered = Array.ConvertAll(rows, row => sources[row]);
        if (reordered.AsSpan().SequenceEqual(sources)) return;
        var whole = memory;
        memory = whole.Select(index).DetachFromDisposeScope();
        whole.Dispose();
        sources = reordered;
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        memory.Dispose();
        state.Dispose();
    }
}
