using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Models.Decoding;
using ContextAware.Models.Seq2Seq.Unrolled;
using ContextAware.Scoring;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>
/// A recurrent decoder that attends before each step: Bahdanau et al. 2015 (arXiv 1409.0473), section 3.1.
/// </summary>
/// <remarks>
/// The previous state looks at the source, αₜ = softmax(score(sₜ₋₁, k)), eq. 6; the context cₜ = Σ αₜ v, eq. 5, goes into
/// the cell, sₜ = f(yₜ₋₁, cₜ, sₜ₋₁), eq. 4, and with state and symbol into the output, W [sₜ; cₜ; yₜ₋₁].
/// A gate, if there is one, weighs the whole context, β·cₜ with β = σ(W_β sₜ₋₁ + b): Xu et al. 2015, "Show, attend and tell"
/// (arXiv 1502.03044), section 4.2.1.
/// What doesn't depend on the state is done for all steps at once: keys, the symbols' part of the gates, the output layer.
/// In the state dict: <c>embedding.weight</c>, <c>attention.score.…</c>, <c>rnn.weight_ih</c> over [symbol; context] and the cell's
/// other parameters as in PyTorch, <c>out.weight</c> over [state; context; symbol], <c>out.bias</c>, and the gate's <c>f_beta.weight</c> and <c>f_beta.bias</c>.
/// Shapes: B batch, T target length, S source length, E embedding, W source width, D state width, V vocabulary.
/// </remarks>
public sealed class AttentionDecoder : nn.Module<Tensor, AttentionSource, RecurrentState, bool, DecoderOutput>
{
    private const long LargestStep = 1L << 20;

    [ComponentName(Name = "embedding")]
    private readonly Embedding embedding;

    [ComponentName(Name = "dropout")]
    private readonly Dropout dropout;

    [ComponentName(Name = "attention")]
    private readonly ScoredAttention attention;

    [ComponentName(Name = "rnn")]
    private readonly RecurrentCell cell;

    [ComponentName(Name = "out")]
    private readonly Linear output;

    [ComponentName(Name = "f_beta")]
    private readonly Linear? gate;

    /// <summary>Makes the decoder.</summary>
    /// <param name="embedding">The symbols' vectors, V×E; may be shared.</param>
    /// <param name="attention">How the state looks at the source, from D and W.</param>
    /// <param name="cell">The cell, from E and W to D.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="dropout">Dropout on the symbols' vectors and before the output, from 0 up to but not including 1.</param>
    /// <param name="gated">Whether a gate weighs the context.</param>
    public AttentionDecoder(
        Embedding embedding, ScoredAttention attention, RecurrentCell cell, long vocabulary, double dropout = 0, bool gated = false)
        : base(nameof(AttentionDecoder))
    {
        ArgumentNullException.ThrowIfNull(embedding);
        ArgumentNullException.ThrowIfNull(attention);
        ArgumentNullException.ThrowIfNull(cell);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vocabulary);
        ArgumentOutOfRangeException.ThrowIfNegative(dropout);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(dropout, 1);
        this.embedding = embedding;
        this.attention = attention;
        this.cell = cell;
        this.dropout = nn.Dropout(dropout);
        output = nn.Linear(cell.Width + cell.ContextWidth + cell.InputWidth, vocabulary);
        gate = gated ? nn.Linear(cell.Width, 1) : null;
        RegisterComponents();
    }

    /// <summary>Makes a source ready to be looked at.</summary>
    /// <param name="source">The encoder's output <c>[B,S,W]</c>.</param>
    /// <param name="mask">Which positions may be attended to; null: all.</param>
    public AttentionSource Prepare(Tensor source, AttentionMask? mask) => attention.Prepare(source, source, mask);

    /// <summary>Answers to a whole target, each step given the true symbol before it.</summary>
    /// <param name="tokens">The start mark and the target <c>[B,T]</c> int64.</param>
    /// <param name="source">The source, by <see cref="Prepare"/>.</param>
    /// <param name="state">The first state <c>[B,D]</c>.</param>
    /// <param name="needWeights">Whether to return the attention weights.</param>
    public override DecoderOutput forward(Tensor tokens, AttentionSource source, RecurrentState state, bool needWeights)
    {
        using var scope = NewDisposeScope();
        var embedded = dropout.call(embedding.call(tokens.t()));                          // [T,B,E]
        var projected = cell.ProjectInput(embedded);                                      // [T,B,G·D]
        var (states, contexts, weights) = RunsByHand(source)
            ? RunByHand(projected, source, state)
            : Run(projected, source, state);                                              // [T,B,…] each
        var logits = Answer(states, contexts, embedded).transpose(0, 1);                  // [B,T,V]
        return new(
            logits.MoveToOuterDisposeScope(),
            needWeights ? weights.transpose(0, 1).MoveToOuterDisposeScope() : null);
    }

    /// <summary>Answers to one symbol.</summary>
    /// <param name="tokens">The symbol before <c>[B]</c> int64.</param>
    /// <param name="source">The source, by <see cref="Prepare"/>.</param>
    /// <param name="state">The state before <c>[B,D]</c>.</param>
    public (DecodingStep Answer, RecurrentState State) Advance(Tensor tokens, AttentionSource source, RecurrentState state)
    {
        using var scope = NewDisposeScope();
        var embedded = dropout.call(embedding.call(tokens));                              // [B,E]
        var (context, weights) = Attend(state.Hidden, source);
        var next = cell.Unroll().Advance(cell.ProjectInput(embedded), context, state);
        var logits = Answer(next.Hidden, context, embedded);
        return (new(logits.MoveToOuterDisposeScope(), weights.MoveToOuterDisposeScope()), next.MoveToOuterDisposeScope());
    }

    // Any score function, any size; autograd follows.
    private (Tensor States, Tensor Contexts, Tensor Weights) Run(Tensor projected, AttentionSource source, RecurrentState state)
    {
        var unrolled = cell.Unroll();
        var inputs = projected.unbind(0);                                                 // T of [B,G·D]
        var (states, contexts, weights) = (new Tensor[inputs.Length], new Tensor[inputs.Length], new Tensor[inputs.Length]);
        for (var step = 0; step < inputs.Length; step++)
        {
            (contexts[step], weights[step]) = Attend(state.Hidden, source);
            state = unrolled.Advance(inputs[step], contexts[step], state);
            states[step] = state.Hidden;
        }

        return (stack(states), stack(contexts), stack(weights));
    }

    // The usual case, with a backward pass by hand: half the time of the other.
    private (Tensor States, Tensor Contexts, Tensor Weights) RunByHand(Tensor projected, AttentionSource source, RecurrentState state)
    {
        var score = (AdditiveScore)attention.Score;
        var inputs = new AdditiveInputs(
            projected,
            source.ProjectedKey,
            source.Value,
            state.Hidden,
            cell.ContextWeight,
            cell.StateWeight,
            score.QueryProjection.weight,
            score.Combination.weight.squeeze(0),
            cell.CandidateBias,
            state.Cell,
            gate?.weight,
            gate?.bias);
        return AdditiveLoop.Run(cell.Kind, inputs, source);
    }

    // The loop by hand keeps [B,S,A] for every step; what is larger than a block is left to the score's bounded memory.
    private bool RunsByHand(AttentionSource source) =>
        attention.Score is AdditiveScore { Gain: null, BlockSize: null }
        && (attention.Dropout == 0 || !training)
        && source.Value.dtype is (ScalarType.Float32 or ScalarType.Float64)
        && source.ProjectedKey.numel() <= LargestStep;

    // Eq. 5 and 6: the context [B,W], gated if there is a gate, and the weights [B,S].
    private (Tensor Context, Tensor Weights) Attend(Tensor query, AttentionSource source)
    {
        var result = attention.Attend(query, source, needWeights: true);
        return (gate is null ? result.Output : result.Output * gate.call(query).sigmoid(), result.Weights!);
    }

    private Tensor Answer(Tensor state, Tensor context, Tensor embedded) =>
        output.call(dropout.call(cat([state, context, embedded], -1)));
}
