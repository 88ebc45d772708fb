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
/// A layer of a transformer's encoder: self-attention, then a feed-forward network, each with a residual and a norm
/// (Vaswani et al. 2017, section 3.1). With a causal mask, and a cache while decoding, it is a layer of a decoder-only model.
/// </summary>
/// <remarks>
/// Parameters have the names of PyTorch's <c>nn.TransformerEncoderLayer</c>, so that its weights load unchanged. Batch first.
/// What a part of the layer gave is written over by the next where no gradients are kept (and by ReLU always): a forward hook that keeps it must clone it.
/// </remarks>
public sealed class EncoderLayer : nn.Module<Tensor, AttentionCall, AttentionResult>, IPackable
{
    [ComponentName(Name = "self_attn")] private readonly MultiHeadAttention attention;
    [ComponentName(Name = "linear1")] private readonly Linear? first;
    [ComponentName(Name = "linear2")] private readonly Linear? second;
    [ComponentName(Name = "feed_forward")] private readonly nn.Module<Tensor, Tensor>? feedForward;
    [ComponentName(Name = "norm1")] private readonly nn.Module<Tensor, Tensor> attentionNorm;
    [ComponentName(Name = "norm2")] private readonly nn.Module<Tensor, Tensor> feedForwardNorm;
    private readonly Activation activation;
    private readonly double dropout;
    private readonly Residual residual;

    /// <summary>Makes a layer, initialised as PyTorch does.</summary>
    /// <param name="width">D.</param>
    /// <param name="heads">H, a divisor of D.</param>
    /// <param name="options">Everything else.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or dropout is not from 0 to 1.</exception>
    /// <exception cref="ArgumentException">H doesn't divide D, or the key-value heads don't divide H.</exception>
    public EncoderLayer(long width, long heads, TransformerLayerOptions? options = null)
        : base(nameof(EncoderLayer))
    {
        options ??= TransformerLayerOptions.Default;
        attention = options.MakeSelfAttention(width, heads);
        feedForward = options.FeedForward?.Invoke(width);
        (first, second) = feedForward is null ? FeedForward.Products(width, options) : default;
        (attentionNorm, feedForwardNorm) = (options.MakeNorm(width), options.MakeNorm(width));
        (activation, dropout) = (options.Activation, options.Dropout);
        residual = new(options.NormFirst, dropout);
        RegisterComponents();
    }

    IEnumerable<Tensor> IPackable.ProductWeights => first is null ? [] : [first.weight, second!.weight];

    /// <summary>Encodes.</summary>
    /// <param name="input">[B, T, D], or [T, D] without a batch.</param>
    /// <param name="mask">Which position may attend to which; null hides nothing.</param>
    /// <param name="bias">Added to the scores, [T, S] or [B, H, T, S]; a size of 1 serves all.</param>
    /// <param name="needWeights">Whether to return the attention's weights.</param>
    /// <param name="cache">Keys and values of earlier steps.</param>
    /// <returns>Output [B, T, D]; weights [B, H, T, S].</returns>
    /// <exception cref="ArgumentException">Sizes, types or devices don't fit.</exception>
    public AttentionResult call(
        Tensor input, AttentionMask? mask = null, Tensor? bias = null, bool needWeights = false, KeyValueCache? cache = null) =>
        base.call(input, new() { Mask = mask ?? AttentionMask.None, Bias = bias, NeedWeights = needWeights, Cache = cache });

    /// <inheritdoc/>
    public override AttentionResult forward(Tensor input, AttentionCall call)
    {
        using var scope = NewDisposeScope();
        var x = residual.Enter(input, attentionNorm);                                  // [B, T, D]
        var (attended, weights) = attention.call(x, x, x, call);
        x = residual.Leave(input, attended, attentionNorm, training);
        x = residual.Leave(x, Feed(residual.Enter(x, feedForwardNorm)), feedForwardNorm, training, feedForward is null);
        return new(x.MoveToOuterDisposeScope(), weights?.MoveToOuterDisposeScope());
    }

    private Tensor Feed(Tensor x) => feedForward is null
        ? FeedForward.Apply(x, first!, second!, activation, training ? dropout : 0)
        : feedForward.call(x);
}
