using ContextAware.Masking;
using ContextAware.Randomness;
using ContextAware.Scoring;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// <see cref="SelfAttention"/> without projections: the input itself is query, key and value. Vaswani et al. 2017
/// (arXiv 1706.03762), section 3.2, with W_Q, W_K and W_V left out.
/// </summary>
/// <remarks>
/// output = layer_norm(x + dropout(fc(combine(softmax(qqᵀ/√E) q)))), where q is x cut into heads. Shapes: B batch, L tokens,
/// D width, H heads, E = D/H. In the state dict <c>fc</c> and <c>layer_norm</c>, each with weight and bias.
/// For the weights, or other keys than queries, see <see cref="SimplifiedScaledDotProductAttention"/>.
/// </remarks>
public sealed class SimplifiedSelfAttention : nn.Module<Tensor, AttentionMask?, Tensor>
{
    private readonly long dim;
    private readonly long heads;
    private readonly double dropout;

    /// <summary>Makes the attention.</summary>
    /// <param name="dim">D.</param>
    /// <param name="heads">H, which divides D.</param>
    /// <param name="dropout">The share of elements that is dropped in training, before the residual sum; null: none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or <paramref name="dropout"/> is not from 0 to 1.</exception>
    /// <exception cref="ArgumentException"><paramref name="heads"/> does not divide <paramref name="dim"/>.</exception>
    public SimplifiedSelfAttention(long dim, long heads = 8, double? dropout = null)
        : base(nameof(SimplifiedSelfAttention))
    {
        (this.dim, this.heads) = (dim, heads);
        HeadSizes.Check(dim, heads);
        this.dropout = DropoutShare.Check(dropout ?? 0);
        OutputProjection = nn.Linear(dim, dim);
        Norm = nn.LayerNorm(dim);
        RegisterComponents();
    }

    /// <summary>Brings the heads together.</summary>
    [field: ComponentName(Name = "fc")]
    public Linear OutputProjection { get; }

    /// <summary>Normalises the residual sum.</summary>
    [field: ComponentName(Name = "layer_norm")]
    public LayerNorm Norm { get; }

    /// <summary>Attends from every token to the tokens it may see.</summary>
    /// <param name="input">x <c>[B,L,D]</c>.</param>
    /// <param name="mask">Which tokens may be seen; null: all.</param>
    /// <returns><c>[B,L,D]</c>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="input"/> is null.</exception>
    /// <exception cref="ArgumentException">Shape, dtype or device do not fit.</exception>
    public new Tensor call(Tensor input, AttentionMask? mask = null) => base.call(input, mask);

    /// <inheritdoc cref="call"/>
    public override Tensor forward(Tensor input, AttentionMask? mask)
    {
        TokenInput.Of(input, dim, OutputProjection.weight);
        using var scope = NewDisposeScope();
        var split = Heads.Split(input, heads);                                          // [B,H,L,E]
        var options = new AttentionOptions { Mask = mask ?? AttentionMask.None };
        var attended = AttentionFunctions.ScaledDotProduct(split, split, split, options).Output;
        var context = OutputProjection.call(Heads.Combine(attended));                   // [B,L,D]
        if (training && dropout > 0)
            context = DropoutMask.Apply(context, dropout);
        return Norm.call(context + input).MoveToOuterDisposeScope();
    }
}
