using ContextAware.Attention;
using ContextAware.Caching;
using ContextAware.Masking;
using ContextAware.Products;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Transformers;

/// <summary>
/// A layer of a transformer's decoder: self-attention, attention to what the encoder made (the memory), then a feed-forward
/// network, each with a residual and a norm (Vaswani et al. 2017, section 3.1).
/// </summary>
/// <remarks>
/// Shapes: B batch, T target length, S memory length, D width, M memory width, H heads. Parameters have the names of
/// PyTorch's <c>nn.TransformerDecoderLayer</c>. Batch first. The mask of the self-attention is the caller's:
/// <see cref="AttentionMask.Causal"/> for a decoder that writes one position after another. As in <see cref="EncoderLayer"/>, hooks must
/// clone what they keep.
/// </remarks>
public sealed class DecoderLayer : nn.Module<Tensor, Tensor, AttentionCall, AttentionCall, DecoderLayerResult>, IPackable
{
    [ComponentName(Name = "self_attn")] private readonly MultiHeadAttention selfAttention;
    [ComponentName(Name = "multihead_attn")] private readonly MultiHeadAttention crossAttention;
    [ComponentName(Name = "linear1")] private readonly Linear? first;
    [ComponentName(Name = "linear2")] private readonly Linear? second;
    [ComponentName(Name = "feed_forward")] private readonly nn.Module<Tensor, Tensor>? feedForward;
    [ComponentName(Name = "norm1")] private readonly nn.Module<Tensor, Tensor> selfNorm;
    [ComponentName(Name = "norm2")] private readonly nn.Module<Tensor, Tensor> crossNorm;
    [ComponentName(Name = "norm3")] private readonly nn.Module<Tensor, Tensor> feedForwardNorm;
    private readonly Activation activation;
    private readonly double dropout;
    private readonly Residual residual;

    /// <summary>Makes a layer, initialised as PyTorch does.</summary>
    /// <inheritdoc cref="EncoderLayer(long, long, TransformerLayerOptions?)"/>
    public DecoderLayer(long width, long heads, TransformerLayerOptions? options = null)
        : base(nameof(DecoderLayer))
    {
        options ??= TransformerLayerOptions.Default;
        selfAttention = options.MakeSelfAttention(width, heads);
        crossAttention = options.MakeCrossAttention(width, heads);
        feedForward = options.FeedForward?.Invoke(width);
        (first, second) = feedForward is null ? FeedForward.Products(width, options) : default;
        (selfNorm, crossNorm, feedForwardNorm) = (options.MakeNorm(width), options.MakeNorm(width), options.MakeNorm(width));
        (activation, dropout) = (options.Activation, options.Dropout);
        residual = new(options.NormFirst, dropout);
        RegisterComponents();
    }

    IEnumerable<Tensor> IPackable.ProductWeights => first is null ? [] : [first.weight, second!.weight];

    /// <summary>Decodes.</summary>
    /// <param name="target">[B, T, D], or [T, D] without a batch.</param>
    /// <param name="memory">[B, S, M], or [S, M]; not looked at once the cache holds it.</param>
    /// <param name="mask">Which target position may attend to which; null hides nothing.</param>
    /// <param name="memoryMask">Which target position may attend to which of the memory; null hides nothing.</param>
    /// <param name="bias">Added to the scores of the self-attention, [T, T] or [B, H, T, T]; a size of 1 serves all.</param>
    /// <param name="needWeights">Whether to return the weights of both attentions.</param>
    /// <param name="cache">Keys and values of earlier steps and of the memory.</param>
    /// <returns>Output [B, T, D]; weights [B, H, T, T] and [B, H, T, S].</returns>
    /// <exception cref="ArgumentException">Sizes, types or devices don't fit.</exception>
    public DecoderLayerResult call(
        Tensor target, Tensor memory, AttentionMask? mask = null, AttentionMask? memoryMask = null, Tensor? bias = null,
        bool needWeights = false, LayerCache? cache = null) => base.call(
            target, memory,
            new() { Mask = mask ?? AttentionMask.None, Bias = bias, NeedWeights = needWeights, Cache = cache?.Self },
            new() { Mask = memoryMask ?? AttentionMask.None, NeedWeights = needWeights, Cache = cache?.Cross });

    /// <inheritdoc/>
    public override DecoderLayerResult forward(Tensor target, Tensor memory, AttentionCall self, AttentionCall cross)
    {
        ArgumentNullException.ThrowIfNull(self);
        if (self.Cache is not null)         // which must not take in anything in vain
            crossAttention.Check(target, memory, memory, cross);
        using var scope = NewDisposeScope();
        var x = residual.Enter(target, selfNorm);                                      // [B, T, D]
        var (attended, selfWeights) = selfAttention.call(x, x, x, self);
        x = residual.Leave(target, attended, selfNorm, training);
        var (seen, crossWeights) = crossAttention.call(residual.Enter(x, crossNorm), memory, memory, cross);
        x = residual.Leave(x, seen, crossNorm, training);
        x = residual.Leave(x, Feed(residual.Enter(x, feedForwardNorm)), feedForwardNorm, training, feedForward is null);
        return new(x.MoveToOuterDisposeScope(), selfWeights?.MoveToOuterDisposeScope(), crossWeights?.MoveToOuterDisposeScope());
    }

    private Tensor Feed(Tensor x) => feedForward is null
        ? FeedForward.Apply(x, first!, second!, activation, training ? dropout : 0)
        : feedForward.call(x);
}
