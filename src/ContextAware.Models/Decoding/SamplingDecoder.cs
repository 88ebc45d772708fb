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
    /// <exception cref="InvalidOperationException">The model answers with numbers that are not finite.</exception>
    public IReadOnlyList<IReadOnlyList<Hypothesis>> Decode(IReadOnlyList<int[]> sources, Device? device = null, bool needWeights = false)
    {
        using var scope = NewDisposeScope();
        var (source, lengths) = SequenceBatch.PadSources(sources, device);
        return Decode(source, lengths, [.. sources.Select(symbols => SourceHash.Of(symbols))], needWeights);
    }

    /// <summary>Writes targets for each row of a tensor that the model reads: pictures, say.</summary>
    /// <param name="source">What <see cref="ISequenceModel.Start"/> takes, on the model's device.</param>
    /// <param name="sourceLengths">How many places of each row may be looked at <c>[B]</c> int64 on the CPU: the columns of its weights.</param>
    /// <param name="needWeights">Whether to return the attention weights.</param>
    /// <returns>For each row as many targets as asked for, in the order drawn.</returns>
    /// <exception cref="ArgumentException">The model can't read it.</exception>
    public IReadOnlyList<IReadOnlyList<Hypothesis>> Decode(Tensor source, Tensor sourceLengths, bool needWeights = false)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(sourceLengths);
        return Decode(source, sourceLengths, SourceHash.OfRows(source, sourceLengths), needWeights);
    }

    private IReadOnlyList<Hypothesis>[] Decode(Tensor source, Tensor sourceLengths, long[] hashes, bool needWeights)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var session = model.Start(source, sourceLengths);
        var lengths = sourceLengths.data<long>().ToArray();
        var draws = hashes.SelectMany((hash, row) => Enumerable.Range(0, samples).Select(sample => new Draw((int)lengths[row], options, seed, SourceHash.Mix(hash, sample)))).ToArray();
        if (samples > 1) session.Reorder([.. Enumerable.Range(0, draws.Length).Select(row => (long)(row / samples))]);
        var tokens = Enumerable.Repeat((long)Vocabulary.Start, draws.Length).ToArray();
        for (var step = 0; step < maximumLength && !Array.TrueForAll(draws, draw => draw.Row.IsComplete); step++)
        {
            using var stepScope = NewDisposeScope();
            Advance(session.Advance(tensor(tokens, device: source.device)), draws, tokens, needWeights);
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
            var token = draws[i].Sampler.ChooseAnswer(drawn.AsSpan(i * vocabulary, vocabulary));
            draws[i].Sampler.Observe(token);
            draws[i].Row.Append(token, scores[(i * vocabulary) + token], weights.AsSpan(i * looked, looked));
            tokens[i] = token;
        }
    }

    /// <summary>One target, with random numbers that depend on its source and not on its neighbours.</summary>
    private sealed class Draw(int sourceLength, SamplingOptions options, long seed, long stream)
    {
        public TargetRow Row { get; } = new(sourceLength);

        public TokenSampler Sampler { get; } = new(options, seed, stream);
    }
}
