using ContextAware.Masking;
using ContextAware.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// Self-attention as it is taught: projections, heads, scaled dot-product, a last layer, dropout, residual, layer norm;
/// LayerNorm(x + Dropout(fc(Concat(heads)))) (Vaswani et al. 2017, sections 3.2.2 and 5.4).
/// </summary>
/// <remarks>
/// Shapes: B batch, L tokens, D width, H heads. In the state dict <c>W_Q</c>, <c>W_K</c>, <c>W_V</c>, <c>fc</c> and
/// <c>layer_norm</c>, each with weight and bias.
/// For models of your own, <see cref="MultiHeadAttention"/> can more and multiplies once for all projections.
/// </remarks>
public sealed class SelfAttention : nn.Module<Tensor, AttentionMask?, Tensor>
{
    private readonly long dim;
    private readonly long heads;
    private readonly double dropout;

    /// <summary>Makes the attention.</summary>
    /// <param name="dim">D.</param>
    /// <param name="heads">H, a divisor of D.</param>
    /// <param name="dropout">The share of the result dropped in training, before the residual; null: none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or dropout is not from 0 to 1.</exception>
    /// <exception cref="ArgumentException">H doesn't divide D.</exception>
    public SelfAttention(long dim, long heads = 8, double? dropout = null)
        : base(nameof(SelfAttention))
    {
        (this.dim, this.heads) = (dim, heads);
        HeadSizes.Check(dim, heads);
        this.dropout = DropoutShare.Check(dropout ?? 0);
        QueryProjection = nn.Linear(dim, dim);
        KeyProjection = nn.Linear(dim, dim);
        ValueProjection = nn.Linear(dim, dim);
        OutputProjection = nn.Linear(dim, dim);
        Norm = nn.LayerNorm(dim);
        RegisterComponents();
    }

    /// <summary>W_Q of all heads.</summary>
    [field: ComponentName(Name = "W_Q")]
    public Linear QueryProjection { get; }

    /// <summary>W_K of all heads.</summary>
    [field: ComponentName(Name = "W_K")]
    public Linear KeyProjection { get; }

    /// <summary>W_V of all heads.</summary>
    [field: ComponentName(Name = "W_V")]
    public Linear ValueProjection { get; }

    /// <summary>Brings the heads together.</summary>
    [field: ComponentName(Name = "fc")]
    public Linear OutputProjection { get; }

    /// <summary>Normalises the residual sum.</summary>
    [field: ComponentName(Name = "layer_norm")]
    public LayerNorm Norm { get; }

    /// <summary>Attends from every token to the tokens it may see.</summary>
    /// <param name="x">[B, L, D].</param>
    /// <param name="mask">Which token may attend to which; null hides nothing.</param>
    /// <returns>[B, L, D].</returns>
    /// <exception cref="ArgumentNullException"><paramref name="x"/> is null.</exception>
    /// <exception cref="ArgumentException">Shape, type or device don't fit.</exception>
    public new Tensor call(Tensor x, AttentionMask? mask = null) => base.call(x, mask);

    /// <inheritdoc cref="call"/>
    public override Tensor forward(Tensor x, AttentionMask? mask)
    {
        TokenInput.Of(x, dim, QueryProjection.weight, nameof(x));
        using var scope = NewDisposeScope();
        var (query, key, value) = (QueryProjection.call(x), KeyProjection.call(x), ValueProjection.call(x));
        var options = new AttentionOptions { Mask = mask ?? AttentionMask.None };
        var heard = AttentionFunctions.ScaledDotProduct(
            Heads.Split(query, heads), Heads.Split(key, heads), Heads.Split(value, heads), options).Output;     // [B, H, L, E]
        var y = OutputProjection.call(Heads.Combine(heard));                            // [B, L, D]
        if (training && dropout > 0)
            y = DropoutMask.Apply(y, dropout);
        return Norm.call(x + y).MoveToOuterDisposeScope();
    }
}
