using ContextAware.Loops;
using ContextAware.Masking;
using ContextAware.Scoring;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// Attention from one state to a sequence, with an output layer, as it is usually taught: Luong et al. 2015
/// (arXiv 1508.04025), eq. 5, 7 and 8 ("general"), after Bahdanau et al. 2015 (arXiv 1409.0473).
/// </summary>
/// <remarks>
/// score_s = align(key_s)·query; weights = softmax(score); context = Σ_s weights_s key_s;
/// output = tanh(W_query·query + W_value·context). In the state dict <c>fc_align</c>, <c>fc_query</c> and <c>fc_value</c>, each
/// with <c>weight</c> <c>[D,D]</c> and <c>bias</c> <c>[D]</c>. The bias of <c>fc_align</c> moves all scores of a query alike,
/// so it can't change the weights; it is there because trained weights have it.
/// </remarks>
public sealed class VanillaAttention : nn.Module<Tensor, Tensor, AttentionMask?, bool, AttentionResult>
{
    private readonly long dim;

    /// <summary>Makes the attention.</summary>
    /// <param name="dim">D, the common width of query, keys and output.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dim"/> is not positive.</exception>
    public VanillaAttention(long dim)
        : base(nameof(VanillaAttention))
    {
        this.dim = ScoreShape.Positive(dim, nameof(dim));
        Align = nn.Linear(dim, dim);
        QueryProjection = nn.Linear(dim, dim);
        ValueProjection = nn.Linear(dim, dim);
        RegisterComponents();
    }

    /// <summary>Takes keys to the space of the query.</summary>
    [field: ComponentName(Name = "fc_align")]
    public Linear Align { get; }

    /// <summary>W_query.</summary>
    [field: ComponentName(Name = "fc_query")]
    public Linear QueryProjection { get; }

    /// <summary>W_value.</summary>
    [field: ComponentName(Name = "fc_value")]
    public Linear ValueProjection { get; }

    /// <summary>Attends from one state to a sequence.</summary>
    /// <param name="query"><c>[B,D]</c>.</param>
    /// <param name="key"><c>[B,S,D]</c>, keys and values in one.</param>
    /// <param name="mask">Which keys may be seen; null: all.</param>
    /// <param name="needWeights">Whether the weights are wanted: they are small, so they come unless refused.</param>
    /// <returns>Output <c>[B,D]</c>; weights <c>[B,S]</c>. Where no key may be seen, the context is zero.</returns>
    /// <exception cref="ArgumentNullException">A tensor is null.</exception>
    /// <exception cref="ArgumentException">Shapes, dtypes or devices do not fit.</exception>
    public new AttentionResult call(Tensor query, Tensor key, AttentionMask? mask = null, bool needWeights = true) =>
        base.call(query, key, mask, needWeights);

    /// <inheritdoc cref="call"/>
    public override AttentionResult forward(Tensor query, Tensor key, AttentionMask? mask, bool needWeights)
    {
        var shape = Check(query, key);
        using var scope = NewDisposeScope();
        var allowed = mask?.ToTensor(shape.Batch, 1, 1, shape.Keys, key.device)?.squeeze(1);   // [B|1,1,S|1]
        if (allowed is not null)
            key = HiddenKeys.Clear(key, HiddenKeys.Of(allowed));

        var weights = MaskedSoftmax.Apply(Scores(query, key), allowed?.squeeze(1));            // [B,S]
        var context = SumLoops.Over(weights.unsqueeze(1), key).squeeze(1);                      // [B,1,S]·[B,S,D] → [B,D]
        var output = (QueryProjection.call(query) + ValueProjection.call(context)).tanh_();    // [B,D]
        return new AttentionResult(output, needWeights ? weights : null).MoveToOuterDisposeScope();
    }

    /// <summary>(W k + b)·q for every key, as k·(Wᵀq) + b·q: W is applied once a query, not once a key.</summary>
    private Tensor Scores(Tensor query, Tensor key)
    {
        var aligned = matmul(query, Align.weight).unsqueeze(2);                                // [B,D,1]
        return bmm(key, aligned).squeeze(2) + matmul(query, Align.bias!).unsqueeze(1);         // [B,S] + [B,1]
    }

    private ScoreShape Check(Tensor query, Tensor key)
    {
        ScoreShape.CheckKey(key, dim, Align.weight);
        var shape = ScoreShape.Of(query, key, dim, dim);
        if (!shape.IsStep)
            throw new ArgumentException($"Expected a query of shape [B,{dim}], got {ShapeText.Compact(query)}.", nameof(query));
        return shape;
    }
}
