using ContextAware.Masking;
using ContextAware.Scoring;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// Multi-head attention without input projections, from queries to other keys and values; only the output is projected.
/// For Vaswani et al. 2017 (arXiv 1706.03762), eq. 1, with W_Q, W_K and W_V left out.
/// </summary>
/// <remarks>
/// output = fc_o(combine(softmax(qkᵀ/√E) v)). <see cref="SimplifiedSelfAttention"/> is the block around it, with residual sum
/// and norm. Shapes: B batch, T query length, S key length, D width, H heads, E = D/H. In the state dict <c>fc_o</c> with
/// weight and bias, the name of the usual Python implementation.
/// </remarks>
public sealed class SimplifiedScaledDotProductAttention : nn.Module<Tensor, Tensor, Tensor, AttentionMask?, bool, AttentionResult>
{
    private readonly long dim;
    private readonly long heads;
    private readonly double dropout;

    /// <summary>Makes the attention.</summary>
    /// <param name="dim">D.</param>
    /// <param name="heads">H, which divides D.</param>
    /// <param name="dropout">The share of weights that is dropped in training.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or <paramref name="dropout"/> is not from 0 to 1.</exception>
    /// <exception cref="ArgumentException"><paramref name="heads"/> does not divide <paramref name="dim"/>.</exception>
    public SimplifiedScaledDotProductAttention(long dim, long heads = 8, double dropout = 0)
        : base(nameof(SimplifiedScaledDotProductAttention))
    {
        (this.dim, this.heads) = (dim, heads);
        HeadSizes.Check(dim, heads);
        this.dropout = DropoutShare.Check(dropout);
        OutputProjection = nn.Linear(dim, dim);
        RegisterComponents();
    }

    /// <summary>Brings the heads together.</summary>
    [field: ComponentName(Name = "fc_o")]
    public Linear OutputProjection { get; }

    /// <summary>Attends from every query to the keys it may see.</summary>
    /// <param name="query"><c>[B,T,D]</c>.</param>
    /// <param name="key"><c>[B,S,D]</c>.</param>
    /// <param name="value"><c>[B,S,D]</c>.</param>
    /// <param name="mask">Which keys may be seen; null: all.</param>
    /// <param name="needWeights">Whether the weights are wanted.</param>
    /// <returns>Output <c>[B,T,D]</c>; weights, if wanted, <c>[B,H,T,S]</c>, as they were before dropout.</returns>
    /// <exception cref="ArgumentNullException">A tensor is null.</exception>
    /// <exception cref="ArgumentException">Shapes, dtypes or devices do not fit.</exception>
    public new AttentionResult call(Tensor query, Tensor key, Tensor value, AttentionMask? mask = null, bool needWeights = false) =>
        base.call(query, key, value, mask, needWeights);

    /// <inheritdoc cref="call"/>
    public override AttentionResult forward(Tensor query, Tensor key, Tensor value, AttentionMask? mask, bool needWeights)
    {
        TokenInput.Of(query, dim, OutputProjection.weight, nameof(query));
        TokenInput.Of(key, dim, OutputProjection.weight, nameof(key));
        TokenInput.Of(value, dim, OutputProjection.weight, nameof(value));
        using var scope = NewDisposeScope();
        var options = new AttentionOptions
        {
            Mask = mask ?? AttentionMask.None,
            Dropout = training ? dropout : 0,
            NeedWeights = needWeights,
        };
        var attended = AttentionFunctions.ScaledDotProduct(
            Heads.Split(query, heads), Heads.Split(key, heads), Heads.Split(value, heads), options);
        var output = OutputProjection.call(Heads.Combine(attended.Output));             // [B,T,D]
        return new AttentionResult(output, attended.Weights).MoveToOuterDisposeScope();
    }
}
