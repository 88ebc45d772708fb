using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Models.Data;
using ContextAware.Models.Decoding;
using ContextAware.Models.Seq2Seq.Arrangements;
using ContextAware.Randomness;
using ContextAware.Scoring;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>A recurrent decoder of any depth, with attention by any score, arranged in any of the usual ways.</summary>
/// <remarks>
/// What doesn't depend on the state is done for all steps at once: keys, the symbols' part of the gates, the output layer.
/// In the state dict: <c>embedding.weight</c>; <c>attention.score.…</c>; <c>rnn.weight_ih</c> over [symbol; context] and the
/// first layer's other parameters as in PyTorch's cells; <c>upper.0.weight_ih</c> over [layer below; context], …, for the
/// layers above; <c>W_c.weight</c> <c>[D,W+D]</c> of Luong's h̃; <c>local.…</c>, <c>coverage.…</c>, <c>f_beta.…</c>, <c>copy.…</c> where there
/// are such parts; <c>out.weight</c>, <c>out.bias</c>.
/// Shapes: B batch, T target length, S source length, E embedding, W source width, D state width, V vocabulary.
/// </remarks>
public sealed class RecurrentDecoder : nn.Module<Tensor, DecoderSource, DecoderState, bool, DecoderOutput>
{
    private readonly Arrangement arrangement;
    private readonly CellStack cells;

    [ComponentName(Name = "embedding")]
    private readonly Embedding embedding;

    [ComponentName(Name = "dropout")]
    private readonly DropoutLayer dropout;

    [ComponentName(Name = "attention")]
    private readonly ScoredAttention? attention;

    [ComponentName(Name = "local")]
    private readonly LocalWindow? window;

    [ComponentName(Name = "coverage")]
    private readonly CoverageTerm? coverage;

    [ComponentName(Name = "f_beta")]
    private readonly Linear? gate;

    [ComponentName(Name = "rnn")]
    private readonly RecurrentCell bottom;

    [ComponentName(Name = "upper")]
    private readonly ModuleList<RecurrentCell> upper;

    [ComponentName(Name = "W_c")]
    private readonly Linear? combination;

    [ComponentName(Name = "copy")]
    private readonly CopyMechanism? copy;

    [ComponentName(Name = "out")]
    private readonly nn.Module output;

    /// <summary>Makes the decoder.</summary>
    /// <param name="options">Sizes and arrangement.</param>
    /// <param name="score">How the state looks at the source, from D and W; null for <see cref="DecoderKind.Plain"/>.</param>
    /// <param name="embedding">The symbols' vectors, V×E; may be shared with another module. Null makes them.</param>
    /// <exception cref="ArgumentException">Score, vectors and arrangement do not fit each other.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, the dropout out of range, or a kind unknown.</exception>
    public RecurrentDecoder(RecurrentDecoderOptions options, ScoreFunction? score, Embedding? embedding = null)
        : base(nameof(RecurrentDecoder))
    {
        ArgumentNullException.ThrowIfNull(options);
        DecoderChecks.Options(options, score);
        if (embedding is not null) DecoderChecks.Vectors(embedding, options);
        Options = options;
        var (kind, width, symbols) = (options.Kind, options.Width, options.EmbeddingWidth);
        this.embedding = OwnParameter.In(embedding ?? nn.Embedding(options.Vocabulary, symbols, padding_idx: Vocabulary.Padding));
        attention = score is null ? null : new(score);
        window = options.Window is { } reach ? new(width, reach) : null;
        coverage = options.Coverage && score is not LocationScore ? new(score!, options.SourceWidth) : null;
        gate = options.Gate ? nn.Linear(width, 1) : null;
        var contextBelow = kind switch
        {
            DecoderKind.Bahdanau or DecoderKind.Google => options.SourceWidth,
            DecoderKind.LuongInputFeeding => width,
            _ => 0,
        };
        bottom = RecurrentCell.Create(options.Cell, symbols, contextBelow, width);
        var contextAbove = kind == DecoderKind.Google ? options.SourceWidth : 0;
        upper = new([.. Enumerable.Range(1, options.Layers - 1).Select(_ => RecurrentCell.Create(options.Cell, width, contextAbove, width))]);
        combination = kind is DecoderKind.Luong or DecoderKind.LuongInputFeeding ? nn.Linear(options.SourceWidth + width, width, hasBias: false) : null;
        copy = options.Copy ? new(options.SourceWidth + width + symbols) : null;
        dropout = new(options.Dropout);
        var features = kind switch
        {
            DecoderKind.Bahdanau => width + options.SourceWidth + symbols,
            DecoderKind.Plain => width + symbols,
            _ => width,
        };
        output = options.TiedEmbeddings ? new TiedOutput(features, symbols, options.Vocabulary) : nn.Linear(features, options.Vocabulary);
        cells = new(bottom, [.. upper], dropout, options.Residual);
        arrangement = Arrange(kind);
        RegisterComponents();
    }

    /// <summary>Sizes and arrangement.</summary>
    public RecurrentDecoderOptions Options { get; }

    /// <summary>Whether several rows can look at one source: not where a step looks at the source by what its row has seen.</summary>
    internal bool SharesSources => !Options.Copy && !Options.Coverage && attention?.Score is not LocationScore;

    /// <summary>
    /// Gets a source ready for several rows each. Many rows look at few positions: what each position's value does to the
    /// gates is made once, and weighted at every step, Σ α (W v) for W Σ α v.
    /// </summary>
    internal void Share(DecoderSource source, int rowsEach)
    {
        source.RowsEach = rowsEach;
        if (rowsEach == 1 || source.Gates is not null || gate is not null || Options.Kind is not (DecoderKind.Bahdanau or DecoderKind.Google)) return;
        source.Gates = matmul(source.Attended!.Value, bottom.ContextWeight.t());          // [B,S,G·D]
    }

    /// <summary>Makes a source ready to be looked at.</summary>
    /// <param name="source">The encoder's output <c>[B,S,W]</c>.</param>
    /// <param name="mask">Which positions may be attended to; null: all. A window counts positions from 0 and takes as many as may be for the length: with one, padding should come last.</param>
    /// <param name="symbols">The number that copying a position writes <c>[B,S]</c> int64, for a decoder that copies.</param>
    /// <exception cref="ArgumentException">A shape does not fit, or symbols are missing or needless.</exception>
    public DecoderSource Prepare(Tensor source, AttentionMask? mask, Tensor? symbols = null)
    {
        var sizes = DecoderChecks.Source(source, symbols, Options);
        if (attention is null) return new(null, null, null, null);
        using var scope = NewDisposeScope();
        var attended = attention.Prepare(source, source, mask);
        Tensor? lengths = null, positions = null;
        if (window is not null)
        {
            // Half precision has not the digits for positions.
            var type = source.dtype is ScalarType.Float16 or ScalarType.BFloat16 ? ScalarType.Float32 : source.dtype;
            positions = arange(sizes[1], type, source.device);                             // [S]
            lengths = attended.Allowed is { } allowed
                ? allowed.expand(sizes[0], 1, sizes[1]).sum(-1L).to(type)
                : full([sizes[0], 1], sizes[1], type, source.device);                      // [B,1]
        }

        return new DecoderSource(attended, lengths, positions, symbols?.alias()).MoveToOuterDisposeScope();
    }

    /// <summary>Answers to a whole target, each step given the true symbol before it.</summary>
    /// <param name="tokens">The start mark and the target <c>[B,T]</c> int64.</param>
    /// <param name="source">The source, by <see cref="Prepare"/>.</param>
    /// <param name="state">The first state.</param>
    /// <param name="needWeights">Whether to return the attention weights, if there is attention.</param>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public override DecoderOutput forward(Tensor tokens, DecoderSource source, DecoderState state, bool needWeights)
    {
        DecoderChecks.Call(tokens, 2, source, state, Options);
        using var scope = NewDisposeScope();
        var embedded = dropout.call(embedding.call(tokens.t()));                          // [T,B,E]
        var trace = arrangement.Run(ProjectSymbols(tokens.t(), embedded), source, state, needWeights || Options.Copy);      // [T,B,…]
        var logits = Answer(trace, embedded, source).transpose(0, 1);                     // [B,T,V]
        return new(
            logits.MoveToOuterDisposeScope(),
            needWeights ? trace.Look?.Weights!.transpose(0, 1).MoveToOuterDisposeScope() : null);
    }

    /// <summary>
    /// Answers to a whole target, each step given either the true symbol before it or one drawn from the model's own answer:
    /// scheduled sampling, Bengio et al. 2015 (arXiv 1506.03099), section 2.4. No gradient goes through the drawing.
    /// </summary>
    /// <param name="tokens">The start mark and the target <c>[B,T]</c> int64.</param>
    /// <param name="source">The source, by <see cref="Prepare"/>.</param>
    /// <param name="state">The first state.</param>
    /// <param name="truth">How likely the true symbol is given, 0 to 1; <see cref="SamplingSchedules"/> has the usual ways down.</param>
    /// <param name="needWeights">Whether to return the attention weights, if there is attention.</param>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public DecoderOutput Sample(Tensor tokens, DecoderSource source, DecoderState state, double truth, bool needWeights = false)
    {
        DecoderChecks.Call(tokens, 2, source, state, Options);
        if (truth is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(truth), truth, "Expected a probability from 0 to 1.");
        using var scope = NewDisposeScope();
        var unrolled = cells.Unroll();
        var (logits, weights) = (new List<Tensor>(), new List<Tensor>());
        foreach (var given in tokens.unbind(1))                                            // [B]
        {
            var symbols = logits.Count == 0 ? given : Draw(given, logits[^1], truth);
            (var answer, state) = Advance(unrolled, symbols, source, state);
            logits.Add(answer.Logits);
            if (answer.Weights is not null) weights.Add(answer.Weights);
        }

        return new(
            stack(logits, 1).MoveToOuterDisposeScope(),                                    // [B,T,V]
            needWeights && weights.Count > 0 ? stack(weights, 1).MoveToOuterDisposeScope() : null);
    }

    /// <summary>Answers to one symbol.</summary>
    /// <param name="tokens">The symbol before <c>[B]</c> int64.</param>
    /// <param name="source">The source, by <see cref="Prepare"/>.</param>
    /// <param name="state">The state before.</param>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public (DecodingStep Answer, DecoderState State) Advance(Tensor tokens, DecoderSource source, DecoderState state)
    {
        DecoderChecks.Call(tokens, 1, source, state, Options);
        using var scope = NewDisposeScope();
        var (answer, next) = Advance(cells.Unroll(), tokens, source, state);
        return (new(answer.Logits.MoveToOuterDisposeScope(), answer.Weights?.MoveToOuterDisposeScope()), next.MoveToOuterDisposeScope());
    }

    private (DecodingStep Answer, DecoderState State) Advance(UnrolledStack unrolled, Tensor tokens, DecoderSource source, DecoderState state)
    {
        var embedded = dropout.call(embedding.call(tokens));                              // [B,E]
        var (trace, next) = arrangement.Step(unrolled, ProjectSymbols(tokens, embedded), source, state);
        return (new(Answer(trace, embedded, source), trace.Look?.Weights), next);
    }

    // Where there are fewer symbols than places, each symbol is projected once and looked up; not where a gradient is wanted,
    // since that of a look-up costs more than the product.
    private Tensor ProjectSymbols(Tensor tokens, Tensor embedded)
    {
        var isDropped = training && Options.Dropout > 0;
        if (isDropped || is_grad_enabled() || tokens.numel() <= Options.Vocabulary) return bottom.ProjectInput(embedded);
        using var scope = NewDisposeScope();
        var table = bottom.ProjectInput(embedding.weight!);                                // [V,G·D]
        return table.index_select(0, tokens.flatten()).view([.. tokens.shape, -1]).MoveToOuterDisposeScope();
    }

    // For one step [B,…] or for many [T,B,…].
    private Tensor Answer(DecoderTrace trace, Tensor embedded, DecoderSource source)
    {
        var features = dropout.call(arrangement.Features(trace, embedded));
        var logits = output is TiedOutput tied ? tied.call(features, embedding.weight!) : ((Linear)output).call(features);
        return copy is null
            ? logits
            : copy.call(logits, cat([trace.Look!.Context, trace.Hidden, embedded], -1), trace.Look.Weights!, source.Symbols!);
    }

    private Arrangement Arrange(DecoderKind kind)
    {
        if (attention is null) return new PlainArrangement(cells);
        var attender = new Attender(attention, window, coverage, gate, Options.Coverage);
        return kind switch
        {
            DecoderKind.Bahdanau => new BahdanauArrangement(cells, attender),
            DecoderKind.Google => new GoogleArrangement(cells, attender),
            _ => new LuongArrangement(cells, attender, combination!, feeds: kind == DecoderKind.LuongInputFeeding),
        };
    }

    private static Tensor Draw(Tensor given, Tensor logits, double truth)
    {
        using var noGradient = no_grad();
        var drawn = logits.softmax(-1).multinomial(1).squeeze(1);                         // [B]
        return where(rand(given.shape[0], device: given.device) < truth, given, drawn);
    }
}
