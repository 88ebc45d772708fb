using ContextAware.Masking;
using ContextAware.Randomness;
using ContextAware.Scoring;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>External attention with heads that share their two memories: Guo et al. 2021 (arXiv 2105.02358), algorithm 2.</summary>
/// <remarks>
/// The input is projected (widened by the expansion), cut into heads, attended as in <see cref="ExternalAttention"/>, put
/// together and projected back. Shapes: B batch, N tokens, D width, H = heads · expansion, E = D/heads, M memory slots.
/// In the state dict <c>trans_dims</c>, <c>linear_0</c> (M_k), <c>linear_1</c> (M_v) and <c>proj</c>, each with weight and bias,
/// as in the authors' own implementation; there M is 256/expansion.
/// </remarks>
public sealed class MultiHeadExternalAttention : nn.Module<Tensor, AttentionMask?, bool, AttentionResult>
{
    private readonly long dim;
    private readonly long headCount;
    private readonly double dropout;

    /// <summary>Makes the attention.</summary>
    /// <param name="dim">D.</param>
    /// <param name="heads">How many heads the width D is cut into.</param>
    /// <param name="memory">M, how many slots the memories have.</param>
    /// <param name="expansion">By how much the input is widened before it is cut: there are heads · expansion heads.</param>
    /// <param name="dropout">The share of weights, and of the output's elements, that is dropped in training.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or <paramref name="dropout"/> is not from 0 to 1.</exception>
    /// <exception cref="ArgumentException"><paramref name="heads"/> does not divide <paramref name="dim"/>.</exception>
    public MultiHeadExternalAttention(long dim, long heads = 8, long memory = 64, long expansion = 4, double dropout = 0)
        : base(nameof(MultiHeadExternalAttention))
    {
        HeadSizes.Check(dim, heads);
        ScoreShape.Positive(memory, nameof(memory));
        this.dim = dim;
        headCount = heads * ScoreShape.Positive(expansion, nameof(expansion));
        this.dropout = DropoutShare.Check(dropout);
        InputProjection = nn.Linear(dim, dim * expansion);
        KeyMemory = nn.Linear(dim / heads, memory);
        ValueMemory = nn.Linear(memory, dim / heads);
        OutputProjection = nn.Linear(dim * expansion, dim);
        RegisterComponents();
    }

    /// <summary>Widens the input.</summary>
    [field: ComponentName(Name = "trans_dims")]
    public Linear InputProjection { get; }

    /// <summary>M_k.</summary>
    [field: ComponentName(Name = "linear_0")]
    public Linear KeyMemory { get; }

    /// <summary>M_v.</summary>
    [field: ComponentName(Name = "linear_1")]
    public Linear ValueMemory { get; }

    /// <summary>Brings the heads together.</summary>
    [field: ComponentName(Name = "proj")]
    public Linear OutputProjection { get; }

    /// <summary>Attends from every token to the memories.</summary>
    /// <param name="input">x <c>[B,N,D]</c>.</param>
    /// <param name="mask">Which tokens count: a mask of padding, the same for every query; null: all. A token that does
    /// not count gets a zero output.</param>
    /// <param name="needWeights">Whether the weights are wanted.</param>
    /// <returns>Output <c>[B,N,D]</c>; weights, if wanted, <c>[B,H,N,M]</c>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="input"/> is null.</exception>
    /// <exception cref="ArgumentException">Shape, dtype or device do not fit, or the mask differs between queries.</exception>
    public new AttentionResult call(Tensor input, AttentionMask? mask = null, bool needWeights = false) =>
        base.call(input, mask, needWeights);

    /// <inheritdoc cref="call"/>
    public override AttentionResult forward(Tensor input, AttentionMask? mask, bool needWeights)
    {
        var tokens = TokenInput.Of(input, dim, KeyMemory.weight);
        using var scope = NewDisposeScope();
        var hidden = tokens.Hidden(mask);                                            // [B|1,N|1,1]
        var wide = InputProjection.call(hidden is null ? input : HiddenKeys.Clear(input, hidden));
        var heads = Heads.Split(wide, headCount);                                    // [B,H,N,E]
        var weights = DoubleNormalization.Apply(KeyMemory.call(heads), hidden?.unsqueeze(1));     // [B,H,N,M]
        var combined = Heads.Combine(ValueMemory.call(Drop(weights)));               // [B,N,H·E]
        var output = Drop(OutputProjection.call(combined));                          // [B,N,D]
        if (hidden is not null)
            output = output.masked_fill(hidden, 0);                                  // the biases are not the token's
        return new AttentionResult(output, needWeights ? weights : null).MoveToOuterDisposeScope();
    }

    private Tensor Drop(Tensor tensor) => training && dropout > 0 ? DropoutMask.Apply(tensor, dropout) : tensor;
}
