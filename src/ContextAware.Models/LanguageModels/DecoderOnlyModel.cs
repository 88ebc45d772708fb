using ContextAware.Attention;
using ContextAware.Caching;
using ContextAware.Interop;
using ContextAware.Masking;
using ContextAware.Positions;
using ContextAware.Randomness;
using ContextAware.Transformers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.LanguageModels;

/// <summary>
/// A decoder-only transformer, which says at each position of a text what may come next: GPT-2 (Radford et al. 2019), Llama (Touvron
/// et al. 2023) and their kin, as the options say.
/// </summary>
/// <remarks>
/// Shapes: B batch, T length, S key length with what is cached, V vocabulary, D width, H heads. The state dict has the names of
/// Llama's implementations without the leading <c>model.</c>, with the attention packed as in
/// <see cref="MultiHeadAttention"/>; <see cref="LanguageModelKeyMaps"/> translates published weights.
/// </remarks>
public sealed class DecoderOnlyModel : nn.Module<Tensor, DecoderOnlyCall, DecoderOnlyResult>
{
    private const double Deviation = 0.02;

    [ComponentName(Name = "embed_tokens")] private readonly Embedding embedding;
    [ComponentName(Name = "embed_positions")] private readonly LearnedEncoding? positions;
    [ComponentName(Name = "layers")] private readonly ModuleList<DecoderOnlyLayer> layers;
    [ComponentName(Name = "norm")] private readonly nn.Module<Tensor, Tensor> norm;
    [ComponentName(Name = "lm_head")] private readonly Linear? head;

    /// <summary>Makes a model, initialised as GPT-2: N(0, 0.02²), less where a product is added to its input, and biases of 0.</summary>
    /// <param name="options">Sizes and parts.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or dropout is out of range.</exception>
    /// <exception cref="ArgumentException">H doesn't divide D, or G doesn't divide H.</exception>
    public DecoderOnlyModel(DecoderOnlyOptions options)
        : base(nameof(DecoderOnlyModel))
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        Options = options;
        Rotary = options.Rotary is { } angles
            ? new RotaryEmbedding(options.Width / options.Heads, angles.Period, angles.Layout, scaling: angles.Scaling)
            : null;
        embedding = OwnParameter.In(nn.Embedding(options.Vocabulary, options.Width));
        positions = Rotary is null ? new(options.Context, options.Width) : null;
        layers = new([.. Enumerable.Range(0, checked((int)options.Layers)).Select(_ => Layer(options, Rotary))]);
        norm = Norm(options);
        head = options.TiedHead ? null : nn.Linear(options.Width, options.Vocabulary, hasBias: false);
        RegisterComponents();
        if (!WeightInitialization.IsSkipped) Initialise();
    }

    /// <summary>Sizes and parts.</summary>
    public DecoderOnlyOptions Options { get; }

    /// <summary>Says what may come next.</summary>
    /// <param name="tokens">int64 [B, T], from 0 to V − 1; libtorch refuses others.</param>
    /// <param name="caches">A cache for each layer, as <see cref="NewCaches"/> makes them; null: these tokens are all there are.</param>
    /// <param name="needWeights">Whether to return the attention weights.</param>
    /// <exception cref="ArgumentException">Sizes, types or devices don't fit.</exception>
    public DecoderOnlyResult call(Tensor tokens, IReadOnlyList<KeyValueCache>? caches = null, bool needWeights = false) =>
        base.call(tokens, caches is null && !needWeights ? DecoderOnlyCall.Default : new() { Caches = caches, NeedWeights = needWeights });

    /// <inheritdoc/>
    public override DecoderOnlyResult forward(Tensor tokens, DecoderOnlyCall call)
    {
        var (offset, length) = Check(tokens, call);
        using var scope = NewDisposeScope();
        var mask = call.Padding?.Mask(offset + length) ?? AttentionMask.Causal;
        var weights = call.NeedWeights ? new List<Tensor>() : null;
        var x = Embed(tokens, offset, length, call.Padding);                               // [B, T, D]
        for (var i = 0; i < layers.Count; i++)
        {
            var (output, looked) = layers[i].call(x, new() { Mask = mask, NeedWeights = call.NeedWeights, Cache = call.Caches?[i] });
            x = output;                                                                    // [B, T, D]
            if (looked is not null) weights?.Add(looked.MoveToOuterDisposeScope());        // [B, H, T, S]
        }

        if (call.LastOnly) x = x.narrow(1, length - 1, 1);                                 // [B, 1, D]
        var logits = nn.functional.linear(norm.call(x), HeadWeight);                       // [B, T, V]
        return new(logits.MoveToOuterDisposeScope(), weights);
    }

    /// <summary>Empty caches, one for each layer, for texts of up to so many tokens. The caller disposes them.</summary>
    /// <param name="capacity">The most tokens; the context if null.</param>
    public IReadOnlyList<KeyValueCache> NewCaches(long? capacity = null) =>
        [.. layers.Select(_ => new FixedCache(capacity ?? Options.Context))];

    /// <summary>The rotary positions that all layers share, or null.</summary>
    [field: ComponentName(Name = "rotary")]
    internal RotaryEmbedding? Rotary { get; }

    /// <summary>The head [V, D], which may be the embedding. TorchSharp makes a new tensor of that one each time: read it within a dispose scope.</summary>
    internal Tensor HeadWeight => head?.weight ?? embedding.weight!;

    /// <summary>Where the parameters are, and of what type.</summary>
    internal (Device Device, ScalarType Type) Place
    {
        get
        {
            using var scope = NewDisposeScope();
            var weight = HeadWeight;
            return (weight.device, weight.dtype);
        }
    }

    private Tensor Embed(Tensor tokens, long offset, long length, LeftPadding? padding)
    {
        var x = embedding.call(tokens);                                                    // [B, T, D]
        if (positions is not null)
            x = padding is null ? positions.forward(x, offset) : positions.ForwardAt(x, padding.Ids(offset, length));
        return training && Options.Dropout > 0 ? DropoutMask.Apply(x, Options.Dropout) : x;
    }

    private (long Offset, long Length) Check(Tensor tokens, DecoderOnlyCall call)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(call);
        if (tokens.ndim != 2 || tokens.dtype != ScalarType.Int64 || tokens.size(1) == 0)
            throw new ArgumentException($"Expected Int64 [B, T] with at least one token, got {tokens.dtype} {ShapeText.Of(tokens)}.", nameof(tokens));
        if (call.Caches is { } caches && caches.Count != layers.Count)
            throw new ArgumentException($"Expected {layers.Count} caches, one for each layer, got {caches.Count}.", nameof(call));
        var (offset, length) = (call.Caches?[0].Length ?? 0, tokens.size(1));
        var longest = offset + length - (call.Padding?.Least ?? 0);
        if (longest > Options.Context)
            throw new ArgumentException($"Expected at most {Options.Context} tokens, which the context holds, got {longest}.", nameof(tokens));
        if (call.Padding is { } padding && offset + length > padding.Capacity)
            throw new ArgumentException($"Expected padding for {offset + length} positions, got it for {padding.Capacity}.", nameof(call));
        if (call.Padding is { } padded && padded.RowCount != tokens.size(0))
            throw new ArgumentException($"Expected padding for {tokens.size(0)} rows, got it for {padded.RowCount}.", nameof(call));
        return (offset, length);
    }

    // Radford et al. 2019, section 2.3: what is added to the residual stream is scaled by 1/√N, N of them: two in each layer.
    private void Initialise()
    {
        using var noGradient = no_grad();
        foreach (var (name, parameter) in named_parameters())
        {
            if (name.Contains("norm", StringComparison.Ordinal)) continue;
            var isAdded = name.EndsWith("out_proj.weight", StringComparison.Ordinal) || name.EndsWith("linear2.weight", StringComparison.Ordinal)
                || name.EndsWith("down_proj.weight", StringComparison.Ordinal);
            if (name.EndsWith("bias", StringComparison.Ordinal)) nn.init.zeros_(parameter);
            else nn.init.normal_(parameter, 0, isAdded ? Deviation / Math.Sqrt(2 * Options.Layers) : Deviation);
        }
    }

    private static DecoderOnlyLayer Layer(DecoderOnlyOptions options, RotaryEmbedding? rotary) => new(
        Norm(options),
        new(options.Width, options.Heads, new()
        {
            KeyValueHeads = options.KeyValueHeads,
            Bias = options.Bias,
            Dropout = options.Dropout,
            Positions = rotary,
        }),
        Norm(options),
        options.Gated
            ? new GatedFeedForward(options.Width, options.HiddenWidth, options.Activation, bias: options.Bias)
            : new FeedForward(options.Width, options.HiddenWidth, options.Activation, bias: options.Bias),
        options.Dropout);

    private static nn.Module<Tensor, Tensor> Norm(DecoderOnlyOptions options) => options.Norm == NormKind.Rms
        ? new RmsNorm(options.Width, options.NormEpsilon)
        : nn.LayerNorm(options.Width, options.NormEpsilon);
}
