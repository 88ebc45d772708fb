using ContextAware.Attention;
using ContextAware.Models.Decoding;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>Writes targets with an <see cref="AttentionDecoder"/>, a row each. Takes over source and state.</summary>
internal sealed class RecurrentSession : DecodingSession
{
    private readonly AttentionDecoder decoder;
    private AttentionSource source;
    private RecurrentState state;
    private long[] sources;

    public RecurrentSession(AttentionDecoder decoder, AttentionSource source, RecurrentState state)
    {
        this.decoder = decoder;
        this.source = source.DetachFromDisposeScope();
        this.state = state.DetachFromDisposeScope();
        sources = [.. Enumerable.Range(0, (int)source.Value.shape[0]).Select(row => (long)row)];
    }

    public override DecodingStep Advance(Tensor tokens)
    {
        var (answer, next) = decoder.Advance(tokens, source, state);
        state.Dispose();
        state = next.DetachFromDisposeScope();
        return answer;
    }

    public override void Reorder(long[] rows)
    {
        if (IsUnchanged(rows)) return;
        using var scope = NewDisposeScope();
        var index = tensor(rows, device: state.Hidden.device);
        var before = state;
        state = before.Select(0, index).DetachFromDisposeScope();
        before.Dispose();
        // Beams change places within their own source most of the time; then the sources stay as they are.
        var reordered = Array.ConvertAll(rows, row => sources[row]);
        if (reordered.AsSpan().SequenceEqual(sources)) return;
        var whole = source;
        source = whole.Select(index).DetachFromDisposeScope();
        whole.Dispose();
        sources = reordered;
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        source.Dispose();
        state.Dispose();
    }

    private bool IsUnchanged(long[] rows)
    {
        if (rows.Length != sources.Length) return false;
        for (var row = 0; row < rows.Length; row++)
        {
            if (rows[row] != row) return false;
        }

        return true;
    }
}
