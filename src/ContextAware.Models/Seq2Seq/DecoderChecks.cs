using ContextAware.Attention;
using ContextAware.Scoring;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>Checks what comes into a <see cref="RecurrentDecoder"/>.</summary>
internal static class DecoderChecks
{
    /// <summary>Checks sizes, and that what needs attention has it.</summary>
    public static void Options(RecurrentDecoderOptions options, ScoreFunction? score)
    {
        if (!Enum.IsDefined(options.Kind)) throw new ArgumentOutOfRangeException(nameof(options), options.Kind, "Expected a kind of decoder.");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Vocabulary);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.EmbeddingWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.SourceWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Layers);
        DropoutShare.CheckBelowOne(options.Dropout);
        if (options.Window is { } reach) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(reach, "options.Window");
        if (options.Kind != DecoderKind.Plain)
        {
            if (score is null) throw new ArgumentNullException(nameof(score), $"A {options.Kind} decoder needs a score.");
            // A loop by hand takes this score apart and does not come by its own checks.
            if (score is AdditiveScore additive && additive.QueryProjection.weight.shape[1] is var width && width != options.Width)
                throw new ArgumentException($"Expected a score for states of width {options.Width}, got one for {width}.", nameof(score));
            return;
        }

        if (score is not null) throw new ArgumentException("Expected no score for a plain decoder, got one.", nameof(score));
        var needless = options.Window is not null ? "a window" : options.Coverage ? "coverage" : options.Copy ? "copying" : options.Gate ? "a gate" : null;
        if (needless is not null)
            throw new ArgumentException($"Expected no {needless.Split(' ')[^1]} in a plain decoder, which does not look at its source; got {needless}.", nameof(options));
    }

    /// <summary>Checks the symbols' vectors.</summary>
    public static void Vectors(Embedding embedding, RecurrentDecoderOptions options)
    {
        using var scope = NewDisposeScope();        // TorchSharp makes a new tensor of the weight each time
        var shape = embedding.weight!.shape;
        if (shape[0] != options.Vocabulary || shape[1] != options.EmbeddingWidth)
            throw new ArgumentException($"Expected vectors [{options.Vocabulary},{options.EmbeddingWidth}], got {ShapeText.Compact(shape)}.", nameof(embedding));
    }

    /// <summary>Checks a source and the symbols in it; returns its shape.</summary>
    public static long[] Source(Tensor source, Tensor? symbols, RecurrentDecoderOptions options)
    {
        ArgumentNullException.ThrowIfNull(source);
        var shape = source.shape;
        if (shape.Length != 3 || shape[2] != options.SourceWidth)
            throw new ArgumentException($"Expected [B,S,{options.SourceWidth}], got {ShapeText.Compact(shape)}.", nameof(source));
        if (options.Copy != symbols is not null)
            throw new ArgumentException(options.Copy ? "Expected the symbols to copy, got none." : "Expected no symbols, since this decoder does not copy.", nameof(symbols));
        if (symbols is not null && !symbols.shape.AsSpan().SequenceEqual(shape.AsSpan(0, 2)))
            throw new ArgumentException($"Expected [{shape[0]},{shape[1]}], got {ShapeText.Compact(symbols)}.", nameof(symbols));
        return shape;
    }

    /// <summary>Checks symbols, source and state of a call.</summary>
    public static void Call(Tensor tokens, int dimensions, DecoderSource source, DecoderState state, RecurrentDecoderOptions options)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(state);
        if (state.Layers.Count != options.Layers)
            throw new ArgumentException($"Expected the states of {options.Layers} layers, got {state.Layers.Count}.", nameof(state));
        var batch = States(state, options);
        var shape = tokens.shape;
        if (shape.Length != dimensions || shape[0] != batch || shape[^1] == 0)
            throw new ArgumentException($"Expected [{batch}{(dimensions == 2 ? ",T" : "")}], a row for each state, got {ShapeText.Compact(shape)}.", nameof(tokens));
        if (source.Attended?.Value.size(0) * source.RowsEach is { } rows && rows != batch)
            throw new ArgumentException($"Expected {batch} sources, one for each state, got {rows}.", nameof(source));
    }

    // Returns B.
    private static long States(DecoderState state, RecurrentDecoderOptions options)
    {
        var first = state.Layers[0].Hidden.shape;
        if (first.Length != 2 || first[1] != options.Width)
            throw new ArgumentException($"Expected states [B,{options.Width}], got {ShapeText.Compact(first)}.", nameof(state));
        for (var layer = 0; layer < options.Layers; layer++)
        {
            var (hidden, memory) = state.Layers[layer];
            if (options.Cell == CellKind.Lstm && memory is null)
                throw new ArgumentException($"Expected a state with a memory cell in layer {layer}, got one without.", nameof(state));
            if (layer > 0 && hidden.shape is var shape && !shape.AsSpan().SequenceEqual(first))
                throw new ArgumentException($"Expected states {ShapeText.Compact(first)}, got {ShapeText.Compact(shape)} in layer {layer}.", nameof(state));
        }

        return first[0];
    }
}
