using ContextAware.Models.Data;
using ContextAware.Models.Decoding.Sampling;
using static TorchSharp.torch;

namespace ContextAware.Models.Decoding;

/// <summary>Draws every symbol at random, the likelier the more often.</summary>
/// <remarks>Shapes: N rows (sources times samples), V vocabulary, S source length.</remarks>
public sealed class SamplingDecoder
{
    private readonly ISequenceModel model;
    private readonly SamplingOptions options;
    private readonly int samples;
    private readonly int maximumLength;
    private readonly long seed;

    /// <summary>Takes the model; put it in eval mode.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">How a symbol is drawn.</param>
    /// <param name="samples">How many targets to draw for each source.</param>
    /// <param name="maximumLength">The most symbols to write, the end mark included.</param>
    /// <param name="seed">Where the draws come from. A source is written alike in any batch and at any place in it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public SamplingDecoder(ISequenceModel model, SamplingOptions options, int samples = 1, int maximumLength = 100, long seed = 1)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximumLength);
        (this.model, this.options, this.samples, this.maximumLength, this.seed) = (model, options, samples, maximumLength, seed);
    }

    /// <summary>Writes targets for each source.</summary>
    /// <param name="sources">The sources, none of them empty.</param>
    /// <param name="device">Where the model is; the CPU if null.</param>
    /// <param name="needWeights">Whether to return the attention weights.</param>
    /// <returns>
    /// For each source as many targets as asked for, in the order drawn. Their log-probabilities are the model's, without
    /// temperature or limits.
    /// </returns>
    /// <exception cref="ArgumentException">There is no source, or one is empty.</exception>
    public IReadOnlyList<IReadOnlyList<Hypothesis>> Decode(IReadOnlyList<int[]> sources, Device? device = null, bool needWeights = false)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (source, lengths) = SequenceBatch.PadSources(sources, device);
        using var session = model.Start(source, lengths);
        var draws = sources.SelectMany(symbols => Enumerable.Range(0, samples).Select(sample => new Draw(symbols, options, seed, sample))).ToArray();
        if (samples > 1) session.Reorder([.. Enumerable.Range(0, draws.Length).Select(row => (long)(row / samples))]);
        var tokens = Enumerable.Repeat((long)Vocabulary.Start, draws.Length).ToArray();
        for (var step = 0; step < maximumLength && !Array.TrueForAll(draws, draw => draw.Row.IsComplete); step++)
        {
            using var stepScope = NewDisposeScope();
            Advance(session.Advance(tensor(tokens, device: device)), draws, tokens, needWeights);
        }

        return [.. draws.Chunk(samples).Select(chunk => Array.ConvertAll(chunk, draw => draw.Row.ToHypothesis()))];
    }

    private static void Advance(DecodingStep answer, Draw[] draws, long[] tokens, bool needWeights)
    {
        var logits = answer.Logits.to(float32);                                                                // [N,V]
        var scores = logits.log_softmax(-1).cpu().data<float>().ToArray();
        // The penalty of repetition depends on where a logit's zero is, so that what is drawn from is not normalised.
        var drawn = logits.contiguous().cpu().data<float>().ToArray();
        var weights = needWeights ? answer.Weights?.to(float32).cpu().data<float>().ToArray() : null;          // [N,S]
        var (vocabulary, looked) = (scores.Length / draws.Length, (weights?.Length ?? 0) / draws.Length);
        for (var i = 0; i < draws.Length; i++)
        {
            if (draws[i].Row.IsComplete) continue;
            var token = draws[i].Sampler.Choose(drawn.AsSpan(i * vocabulary, vocabulary));
            draws[i].Sampler.Observe(token);
            draws[i].Row.Append(token, scores[(i * vocabulary) + token], weights.AsSpan(i * looked, looked));
            tokens[i] = token;
        }
    }

    /// <summary>One target, with random numbers that depend on its source and not on its neighbours.</summary>
    private sealed class Draw(int[] source, SamplingOptions options, long seed, int sample)
    {
        public TargetRow Row { get; } = new(source.Length);

        public TokenSampler Sampler { get; } = new(options, seed, source.Aggregate((long)sample, (hash, symbol) => unchecked((hash * 0x100000001b3) + symbol + 1)));
    }
}
