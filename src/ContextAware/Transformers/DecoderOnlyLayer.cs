using ContextAware.Attention;
using ContextAware.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Transformers;

/// <summary>
/// A layer of a decoder-only transformer, as in GPT-2 (Radford et al. 2019, section 2.3) and Llama (Touvron et al. 2023, section
/// 2.2): y = x + Attention(Norm₁(x)), then y + FeedForward(Norm₂(y)).
/// </summary>
/// <remarks>
/// The parts say which of the two it is: layer norms and a plain network, or RMS norms, rotary positions in the attention and a
/// gated network. In the state dict they have the names of Llama's implementations. Shapes: B batch, T length, S key length,
/// H heads, D width.
/// </remarks>
public sealed class DecoderOnlyLayer : nn.Module<Tensor, AttentionCall, AttentionResult>
{
    private readonly double dropout;
    [ComponentName(Name = "input_layernorm")] private readonly nn.Module<Tensor, Tensor> attentionNorm;
    [ComponentName(Name = "self_attn")] private readonly MultiHeadAttention attention;
    [ComponentName(Name = "post_attention_layernorm")] private readonly nn.Module<Tensor, Tensor> feedForwardNorm;
    [ComponentName(Name = "mlp")] private readonly nn.Module<Tensor, Tensor> feedForward;

    /// <summary>Makes a layer of parts, which it owns from now on.</summary>
    /// <param name="attentionNorm">Norm₁, [B, T, D] → [B, T, D].</param>
    /// <param name="attention">The self-attention, positions in it where they are rotary.</param>
    /// <param name="feedForwardNorm">Norm₂, [B, T, D] → [B, T, D].</param>
    /// <param name="feedForward">[B, T, D] → [B, T, D].</param>
    /// <param name="dropout">The share of what is added to x that is dropped in training.</param>
    /// <exception cref="ArgumentOutOfRangeException">Dropout is not from 0 to 1.</exception>
    public DecoderOnlyLayer(
        nn.Module<Tensor, Tensor> attentionNorm, MultiHeadAttention attention,
        nn.Module<Tensor, Tensor> feedForwardNorm, nn.Module<Tensor, Tensor> feedForward, double dropout = 0)
        : base(nameof(DecoderOnlyLayer))
    {
        ArgumentNullException.ThrowIfNull(attentionNorm);
        ArgumentNullException.ThrowIfNull(attention);
        ArgumentNullException.ThrowIfNull(feedForwardNorm);
        ArgumentNullException.ThrowIfNull(feedForward);
        AttentionChecks.Dropout(dropout);
        (this.attentionNorm, this.attention, this.feedForwardNorm, this.feedForward) = (attentionNorm, attention, feedForwardNorm, feedForward);
        this.dropout = dropout;
        RegisterComponents();
    }

    /// <summary>Applies the layer.</summary>
    /// <param name="input">[B, T, D].</param>
    /// <param name="call">The mask, which must be causal for a language model; the cache of this layer; whether weights are wanted.</param>
    /// <returns>Output [B, T, D]; weights [B, H, T, S] if asked for.</returns>
    /// <exception cref="ArgumentException">Sizes, types or devices don't fit.</exception>
    public override AttentionResult forward(Tensor input, AttentionCall call)
    {
        using var scope = NewDisposeScope();
        var normed = attentionNorm.call(input);
        var (attended, weights) = attention.call(normed, normed, normed, call);
        var middle = Drop(attended) + input;                                               // [B, T, D]
        var output = Drop(feedForward.call(feedForwardNorm.call(middle))) + middle;        // [B, T, D]
        return new(output.MoveToOuterDisposeScope(), weights?.MoveToOuterDisposeScope());
    }

    private Tensor Drop(Tensor tensor) => training && dropout > 0 ? DropoutMask.Apply(tensor, dropout) : tensor;
}
