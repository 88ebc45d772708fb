using ContextAware.Masking;
using ContextAware.Scoring;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// Attention to two small learned memories instead of to the other tokens, in time that is linear in their number:
/// Guo et al. 2021 (arXiv 2105.02358), algorithm 1.
/// </summary>
/// <remarks>
/// weights = norm(x M_kᵀ), output = weights M_v, where norm is the double normalisation: softmax over the tokens for each
/// memory slot, then the sum over the slots brought to one for each token. Tokens meet only in that softmax.
/// Shapes: B batch, N tokens, D width, M memory slots. In the state dict <c>mk.weight</c> <c>[M,D]</c> and <c>mv.weight</c>
/// <c>[D,M]</c>, the names of the usual Python implementation. Pixels are tokens: flatten <c>[B,C,height,width]</c> to
/// <c>[B,N,C]</c>.
/// </remarks>
public sealed class ExternalAttention : nn.Module<Tensor, AttentionMask?, bool, AttentionResult>
{
    private readonly long dim;

    /// <summary>Makes the attention.</summary>
    /// <param name="dim">D.</param>
    /// <param name="memory">M, how many slots the memories have.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public ExternalAttention(long dim, long memory = 64)
        : base(nameof(ExternalAttention))
    {
        this.dim = ScoreShape.Positive(dim, nameof(dim));
        ScoreShape.Positive(memory, nameof(memory));
        KeyMemory = nn.Linear(dim, memory, hasBias: false);
        ValueMemory = nn.Linear(memory, dim, hasBias: false);
        RegisterComponents();
    }

    /// <summary>M_k.</summary>
    [field: ComponentName(Name = "mk")]
    public Linear KeyMemory { get; }

    /// <summary>M_v.</summary>
    [field: ComponentName(Name = "mv")]
    public Linear ValueMemory { get; }

    /// <summary>Attends from every token to the memories.</summary>
    /// <param name="input">x <c>[B,N,D]</c>.</param>
    /// <param name="mask">Which tokens count: a mask of padding, the same for every query; null: all. A token that does
    /// not count gets a zero output.</param>
    /// <param name="needWeights">Whether the weights are wanted.</param>
    /// <returns>Output <c>[B,N,D]</c>; weights, if wanted, <c>[B,N,M]</c>.</returns>
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
        var scores = KeyMemory.call(hidden is null ? input : HiddenKeys.Clear(input, hidden));
        var weights = DoubleNormalization.Apply(scores, hidden);                     // [B,N,M]
        var output = ValueMemory.call(weights);                                      // [B,N,D]
        return new AttentionResult(output, needWeights ? weights : null).MoveToOuterDisposeScope();
    }
}
