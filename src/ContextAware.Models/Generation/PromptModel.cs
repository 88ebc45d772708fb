using ContextAware.Models.Data;
using ContextAware.Models.Decoding;
using ContextAware.Models.LanguageModels;
using static TorchSharp.torch;

namespace ContextAware.Models.Generation;

/// <summary>
/// A decoder-only model as the decoders of sequences see it: a prompt is the source. Tokens are numbered behind the reserved numbers of
/// <see cref="Vocabulary"/>, and all stop tokens together are its end mark.
/// </summary>
internal sealed class PromptModel(DecoderOnlyModel model, IReadOnlyCollection<int> stops, int newTokens, int beams, CancellationToken cancellation) : ISequenceModel
{
    /// <summary>The number of token 0.</summary>
    internal const int First = Vocabulary.End + 1;

    public DecodingSession Start(Tensor source, Tensor sourceLengths)
    {
        using var scope = NewDisposeScope();
        var (length, values) = ((int)source.size(1), source.cpu().data<long>().ToArray());
        var lengths = sourceLengths.data<long>().ToArray();
        int[][] prompts = [.. lengths.Select((count, row) => Array.ConvertAll(values[(row * length)..((row * length) + (int)count)], token => (int)token))];
        return new Session(PromptSession.Of(model, prompts, newTokens, beams), stops, source.device, cancellation);
    }

    private sealed class Session(PromptSession inner, IReadOnlyCollection<int> stops, Device device, CancellationToken cancellation) : DecodingSession
    {
        private readonly long[] stops = [.. stops.Distinct().Select(token => (long)token)];
        private bool started;

        // What is given first is the start mark: the prompt has been waiting for it.
        public override DecodingStep Advance(Tensor tokens)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var logits = started ? inner.Advance(tokens.sub(First).clamp_min(0)).Logits : inner.Start();
            started = true;
            return new(Renumber(logits).MoveToOuterDisposeScope(), null);
        }

        public override void Reorder(long[] rows) => inner.Reorder(rows);

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
        }

        // [N, V] → [N, 3 + V]
        private Tensor Renumber(Tensor logits)
        {
            var (rows, vocabulary) = (logits.size(0), logits.size(1));
            var renumbered = full([rows, First + vocabulary], double.NegativeInfinity, logits.dtype, device);
            renumbered.narrow(1, First, vocabulary).copy_(logits);
            if (stops.Length == 0) return renumbered;
            var index = tensor(stops, device: device);
            renumbered.select(1, Vocabulary.End).copy_(logits.index_select(1, index).logsumexp(1));
            return renumbered.index_fill_(1, index.add(First), double.NegativeInfinity);
        }
    }
}
