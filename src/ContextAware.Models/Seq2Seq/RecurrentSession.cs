using ContextAware.Models.Decoding;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>Writes targets with a <see cref="RecurrentDecoder"/>, a row each. Takes over source and state.</summary>
internal sealed class RecurrentSession : DecodingSession
{
    private readonly RecurrentDecoder decoder;
    private DecoderSource source;
    private DecoderState state;

    // Which of the sources given at first each row looks at, and which of them are at hand.
    private long[] sources;
    private long[] held;

    public RecurrentSession(RecurrentDecoder decoder, DecoderSource source, DecoderState state)
    {
        this.decoder = decoder;
        this.source = source.DetachFromDisposeScope();
        this.state = state.DetachFromDisposeScope();
        sources = held = [.. Enumerable.Range(0, (int)state.Layers[0].Hidden.shape[0]).Select(row => (long)row)];
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
        var index = tensor(rows, device: state.Layers[0].Hidden.device);
        var before = state;
        state = before.Select(index).DetachFromDisposeScope();
        before.Dispose();
        sources = Array.ConvertAll(rows, row => sources[row]);
        TakeSources(device: state.Layers[0].Hidden.device);
    }

    // Beams change places within their own source most of the time; then the sources stay as they are.
    private void TakeSources(Device device)
    {
        var wanted = decoder.SharesSources ? Runs(sources) : sources;
        if (!wanted.AsSpan().SequenceEqual(held))
        {
            var whole = source;
            source = whole.Select(tensor(Array.ConvertAll(wanted, number => (long)Array.IndexOf(held, number)), device: device)).DetachFromDisposeScope();
            whole.Dispose();
            held = wanted;
        }

        decoder.Share(source, held.Length == 0 ? 1 : sources.Length / held.Length);
        source.DetachFromDisposeScope();
    }

    // Rows that look at the same source lie side by side, as many for each: one number for each such run. Otherwise all.
    private static long[] Runs(long[] sources)
    {
        if (sources.Length == 0) return sources;
        var length = Array.FindIndex(sources, number => number != sources[0]);
        if (length < 0) return [sources[0]];
        if (sources.Length % length != 0) return sources;
        var runs = sources.Chunk(length).ToArray();
        return runs.All(run => run.All(number => number == run[0])) ? [.. runs.Select(run => run[0])] : sources;
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
