using ContextAware.Masking;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// Scaled dot-product attention (Vaswani et al. 2017, eq. 1) as a module without parameters: what
/// <see cref="AttentionFunctions.ScaledDotProduct"/> computes, with dropout in training only.
/// </summary>
public sealed class ScaledDotProductAttention : nn.Module<Tensor, Tensor, Tensor, AttentionMask?, Tensor?, bool, AttentionResult>
{
    private readonly double dropout;
    private readonly double? scale;
    private readonly double softcap;

    /// <summary>Makes the module.</summary>
    /// <param name="dropout">The share of weights dropped in training, 0 to 1.</param>
    /// <param name="scale">Factor on the scores; null stands for 1/√E.</param>
    /// <param name="softcap">c in c·tanh(score/c); 0: none.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public ScaledDotProductAttention(double dropout = 0, double? scale = null, double softcap = 0)
        : base(nameof(ScaledDotProductAttention))
    {
        AttentionChecks.Dropout(dropout);
        AttentionChecks.Scale(scale);
        AttentionChecks.Softcap(softcap);
        (this.dropout, this.scale, this.softcap) = (dropout, scale, softcap);
        RegisterComponents();
    }

    /// <summary>Attends.</summary>
    /// <param name="query">[B, H, T, E], or [B, T, E] for one head.</param>
    /// <param name="key">[B, G, S, E], where G divides H; or [B, S, E].</param>
    /// <param name="value">[B, G, S, V], or [B, S, V].</param>
    /// <param name="mask">Which query may attend to which key; null hides nothing.</param>
    /// <param name="bias">Added to the scores, [T, S] or of the query's dimensions; a size of 1 serves all.</param>
    /// <param name="needWeights">Whether to return the weights.</param>
    /// <returns>Output [B, H, T, V], weights [B, H, T, S]; without H for inputs without it.</returns>
    /// <exception cref="ArgumentException">Sizes, types or devices don't fit.</exception>
    public new AttentionResult call(
        Tensor query, Tensor key, Tensor value, AttentionMask? mask = null, Tensor? bias = null, bool needWeights = false) =>
        base.call(query, key, value, mask, bias, needWeights);

    /// <inheritdoc cref="call"/>
    public override AttentionResult forward(Tensor query, Tensor key, Tensor value, AttentionMask? mask, Tensor? bias, bool needWeights) =>
        AttentionFunctions.ScaledDotProduct(query, key, value, new()
        {
            Mask = mask ?? AttentionMask.None,
            Bias = bias,
            Scale = scale,
            Softcap = softcap,
            Dropout = training ? dropout : 0,
            NeedWeights = needWeights,
        });
}
