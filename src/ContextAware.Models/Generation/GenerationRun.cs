using System.Runtime.InteropServices;
using ContextAware.Models.Decoding;
using ContextAware.Models.Decoding.Sampling;
using ContextAware.Models.LanguageModels;
using static TorchSharp.torch;

namespace ContextAware.Models.Generation;

/// <summary>Texts on their way, one step at a time. Each step may run on another thread.</summary>
internal sealed class GenerationRun : IDisposable
{
    private readonly HashSet<int> stops;
    private readonly PromptSession session;
    private readonly Device device;
    private List<Text> live;
    private bool started;

    internal GenerationRun(DecoderOnlyModel model, IReadOnlyList<int[]> prompts, GenerationOptions options)
    {
        stops = [.. options.StopTokens];
        device = model.Place.Device;
        session = options.UseCache ? PromptSession.Of(model, prompts, options.MaximumLength) : new RereadingSession(model, prompts);
        // The last token need not be read any more, so that a text may have one more than the context.
        Texts = [.. prompts.Zip(Streams(prompts)).Select((pair, row) => new Text(
            row, new(options.Sampling, options.Seed, pair.Second), pair.First,
            (int)Math.Min(options.MaximumLength, model.Options.Context + 1 - pair.First.Length)))];
        live = [.. Texts];
    }

    internal Text[] Texts { get; }

    internal bool IsDone => live.Count == 0;

    /// <summary>Adds a token to every text that is not done.</summary>
    /// <param name="added">Takes the new tokens in, stop tokens excepted.</param>
    internal void Step(Action<GeneratedToken> added)
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        var logits = (started ? Advance() : session.Start()).to(float32).cpu();            // [B, V]
        started = true;
        var values = MemoryMarshal.Cast<byte, float>(logits.contiguous().bytes);
        var vocabulary = values.Length / live.Count;
        for (var row = 0; row < live.Count; row++)
        {
            if (live[row].Extend(values.Slice(row * vocabulary, vocabulary), stops)) added(new(live[row].Row, live[row].Last));
        }

        if (live.TrueForAll(text => !text.IsDone)) return;
        long[] stay = [.. live.Index().Where(pair => !pair.Item.IsDone).Select(pair => (long)pair.Index)];
        live = [.. stay.Select(row => live[(int)row])];
        if (live.Count > 0) session.Reorder(stay);
    }

    public void Dispose() => session.Dispose();

    // Random numbers that depend on the prompt and not on its neighbours; the same prompt once more has others.
    private static IEnumerable<long> Streams(IReadOnlyList<int[]> prompts)
    {
        var seen = new Dictionary<long, int>();
        foreach (var prompt in prompts)
        {
            var hash = SourceHash.Of(prompt);
            yield return SourceHash.Mix(hash, seen[hash] = seen.GetValueOrDefault(hash) + 1);
        }
    }

    private Tensor Advance() => session is PlanSession plan
        ? plan.Advance(live[0].Last)
        : session.Advance(tensor(live.Select(text => (long)text.Last).ToArray(), device: device)).Logits;

    internal sealed class Text
    {
        private readonly TokenSampler sampler;
        private readonly int most;
        private readonly List<int> tokens = [];
        private bool isComplete;

        internal Text(int row, TokenSampler sampler, int[] prompt, int most)
        {
            (Row, this.sampler, this.most) = (row, sampler, most);
            foreach (var token in prompt) sampler.Observe(token);
        }

        internal int Row { get; }

        internal int Last => tokens[^1];

        internal bool IsDone => isComplete || tokens.Count == most;

        internal GeneratedText Result => new([.. tokens], isComplete);

        /// <summary>Chooses a token; false if it is a stop.</summary>
        internal bool Extend(Span<float> logits, HashSet<int> stops)
        {
            var token = sampler.ChooseAnswer(logits);
            isComplete = stops.Contains(token);
            if (isComplete) return false;
            tokens.Add(token);
            sampler.Observe(token);
            return true;
        }
    }
}
