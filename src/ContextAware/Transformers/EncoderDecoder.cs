using ContextAware.Interop;
using ContextAware.Masking;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Transformers;

/// <summary>
/// A transformer from vectors to vectors: an encoder and a decoder that attends to it (Vaswani et al. 2017, figure 1, without
/// embeddings and the last product).
/// </summary>
/// <remarks>
/// Parameters have the names of PyTorch's <c>nn.Transformer</c>: <c>encoder.layers.0.…</c>, <c>encoder.norm</c>,
/// <c>decoder.layers.0.…</c>, <c>decoder.norm</c>. Batch first.
/// </remarks>
public sealed class EncoderDecoder : nn.Module<Tensor, Tensor, StackCall, StackCall, StackResult>
{
    /// <summary>Joins an encoder and a decoder.</summary>
    /// <param name="encoder">Makes the memory.</param>
    /// <param name="decoder">Reads it.</param>
    public EncoderDecoder(EncoderLayers encoder, DecoderLayers decoder)
        : base(nameof(EncoderDecoder))
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(decoder);
        (Encoder, Decoder) = (encoder, decoder);
        RegisterComponents();
    }

    /// <summary>Makes both, each with a norm at its end, and initialises every matrix as Glorot and Bengio 2010, as PyTorch does.</summary>
    /// <param name="width">D.</param>
    /// <param name="heads">H, a divisor of D.</param>
    /// <param name="encoderLayers">How many layers the encoder has.</param>
    /// <param name="decoderLayers">How many layers the decoder has.</param>
    /// <param name="options">Everything else about the layers.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or dropout is not from 0 to 1.</exception>
    /// <exception cref="ArgumentException">H doesn't divide D, or the key-value heads don't divide H.</exception>
    public EncoderDecoder(long width, long heads, long encoderLayers = 6, long decoderLayers = 6, TransformerLayerOptions? options = null)
        : this(
            new EncoderLayers(StackChecks.Make(encoderLayers, () => new EncoderLayer(width, heads, options)), Norm(width, options)),
            new DecoderLayers(StackChecks.Make(decoderLayers, () => new DecoderLayer(width, heads, options)), Norm(width, options)))
    {
        if (WeightInitialization.IsSkipped)
            return;
        foreach (var parameter in parameters().Where(parameter => parameter.Dimensions > 1))
            nn.init.xavier_uniform_(parameter);
    }

    /// <summary>Makes the memory.</summary>
    [field: ComponentName(Name = "encoder")]
    public EncoderLayers Encoder { get; }

    /// <summary>Reads the memory.</summary>
    [field: ComponentName(Name = "decoder")]
    public DecoderLayers Decoder { get; }

    /// <summary>Encodes a source and decodes a target that is given as a whole.</summary>
    /// <param name="source">[B, S, D], or [S, D] without a batch.</param>
    /// <param name="target">[B, T, D], or [T, D].</param>
    /// <param name="sourceMask">Which source position may attend to which, and, in masks of lengths or padding, which of them exist; null hides nothing.</param>
    /// <param name="targetMask">Which target position may attend to which; null hides nothing.</param>
    /// <param name="memoryMask">Which target position may attend to which of the source; null hides nothing.</param>
    /// <param name="weights">Which decoder layers' attention weights to return.</param>
    /// <returns>Output [B, T, D]; weights [B, H, T, T] and [B, H, T, S] for each layer asked for.</returns>
    /// <exception cref="ArgumentException">Sizes, types or devices don't fit.</exception>
    public StackResult call(
        Tensor source, Tensor target, AttentionMask? sourceMask = null, AttentionMask? targetMask = null, AttentionMask? memoryMask = null,
        StackWeights weights = StackWeights.None) => base.call(
            source, target,
            new() { Mask = sourceMask ?? AttentionMask.None },
            new() { Mask = targetMask ?? AttentionMask.None, MemoryMask = memoryMask ?? AttentionMask.None, Weights = weights });

    /// <inheritdoc/>
    public override StackResult forward(Tensor source, Tensor target, StackCall encode, StackCall decode)
    {
        using var scope = NewDisposeScope();
        var memory = Encoder.call(source, encode).Output;                              // [B, S, D]
        return Decoder.call(target, memory, decode).MoveToOuterDisposeScope();         // [B, T, D]
    }

    private static nn.Module<Tensor, Tensor> Norm(long width, TransformerLayerOptions? options) =>
        (options ?? TransformerLayerOptions.Default).MakeNorm(width);
}
