using ContextAware.Masking;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// Self-attention as it is taught: projections, heads, scaled dot-product, a last layer, dropout, residual, layer norm;
/// LayerNorm(x + Dropout(fc(Concat(heads)))) (Vaswani et al. 2017, sections 3.2.2 and 5.4).
/// </summary>
/// <remarks>For models of your own, <see cref="MultiHeadAttention"/> can more and multiplies once for all projections.</remarks>
public sealed class SelfAttention : nn.Module<Tensor, AttentionMask, Tensor>
{
    private readonly long heads;
    [ComponentName(Name = "W_Q")] private readonly Linear query;
    [ComponentName(Name = "W_K")] private readonly Linear key;
    [ComponentName(Name = "W_V")] private readonly Linear value;
    [ComponentName(Name = "fc")] private readonly Linear last;
    [ComponentName(Name = "dropout")] private readonly Dropout? drop;
    [ComponentName(Name = "layer_norm")] private readonly LayerNorm norm;

    /// <summary>Makes the module.</summary>
    /// <param name="dim">D.</param>
    /// <param name="heads">H, a divisor of D.</param>
    /// <param name="dropout">The share of the result dropped in training, before the residual; null: none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or dropout is not from 0 to 1.</exception>
    /// <exception cref="ArgumentException">H doesn't divide D.</exception>
    public SelfAttention(long dim, long heads = 8, double? dropout = null)
        : base(nameof(SelfAttention))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dim);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        if (dim % heads != 0)
            throw new ArgumentException($"Expected a number of heads that divides the width {dim}, got {heads}.", nameof(heads));
        AttentionChecks.Dropout(dropout ?? 0);
        this.heads = heads;
        (query, key, value) = (nn.Linear(dim, dim), nn.Linear(dim, dim), nn.Linear(dim, dim));
        last = nn.Linear(dim, dim);
        drop = dropout is { } rate ? nn.Dropout(rate) : null;
        norm = nn.LayerNorm(dim);
        RegisterComponents();
    }

    /// <summary>Attends.</summary>
    /// <param name="x">[B, L, D].</param>
    /// <param name="mask">Which position may attend to which; null hides nothing.</param>
    /// <returns>[B, L, D].</returns>
    /// <exception cref="ArgumentException">Sizes don't fit.</exception>
    public new Tensor call(Tensor x, AttentionMask? mask = null) => base.call(x, mask ?? AttentionMask.None);

    /// <inheritdoc/>
    public override Tensor forward(Tensor x, AttentionMask mask)
    {
        ArgumentNullException.ThrowIfNull(x);
        var shape = x.shape;
        if (shape.Length != 3 || shape[2] != query.in_features)
            throw new ArgumentException($"Expected [B, L, D] with D = {query.in_features}, got {AttentionChecks.Text(shape)}.", nameof(x));
        using var scope = NewDisposeScope();
        var heard = AttentionFunctions.ScaledDotProduct(
            Heads.Split(query.call(x), heads), Heads.Split(key.call(x), heads), Heads.Split(value.call(x), heads),
            new() { Mask = mask }).Output;                                             // [B, H, L, E]
        var y = last.call(Heads.Combine(heard));                                       // [B, L, D]
        y = drop is null ? y : drop.call(y);
        return norm.call(x + y).MoveToOuterDisposeScope();
    }
}
