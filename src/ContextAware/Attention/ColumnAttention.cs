using ContextAware.Masking;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>
/// Attention as functions of explicit weights, in the layout of textbooks: every state is a column.
/// </summary>
/// <remarks>
/// Sizes: n states of the encoder; n_enc and n_dec, the lengths of an encoder's and a decoder's state; n_int, the width
/// inside the additive score. A decoder state is <c>[n_dec,1]</c>, encoder states are <c>[n_enc,n]</c>, scores and weights are
/// rows <c>[1,n]</c>. One sequence, no batch, no mask: for learning and for checking; the modules do the same for batches.
/// Everything is differentiable.
/// </remarks>
public static class ColumnAttention
{
    /// <summary>exp(x) over the sum of the row, for each row; stable for numbers of any size.</summary>
    /// <param name="scores"><c>[rows,n]</c>, floating point.</param>
    /// <returns><c>[rows,n]</c>; each row sums to one.</returns>
    /// <exception cref="ArgumentException"><paramref name="scores"/> is not a matrix of floating-point numbers.</exception>
    public static Tensor Softmax(Tensor scores)
    {
        ColumnChecks.Matrix(scores, "rows", null, "n", null, nameof(scores));
        return MaskedSoftmax.Apply(scores, allowed: null);
    }

    /// <summary>decoderStateᵀ · encoderStates: Luong et al. 2015 (arXiv 1508.04025), eq. 8, "dot".</summary>
    /// <param name="decoderState"><c>[n_enc,1]</c>.</param>
    /// <param name="encoderStates"><c>[n_enc,n]</c>.</param>
    /// <returns><c>[1,n]</c>.</returns>
    /// <exception cref="ArgumentException">Shapes, dtypes or devices do not fit.</exception>
    public static Tensor DotScores(Tensor decoderState, Tensor encoderStates)
    {
        var (rows, _) = ColumnChecks.Matrix(encoderStates, "n_enc", null, "n", null, nameof(encoderStates));
        ColumnChecks.Matrix(decoderState, "n_enc", rows, "1", 1, nameof(decoderState), encoderStates);
        using var scope = NewDisposeScope();
        return mm(decoderState.t(), encoderStates).MoveToOuterDisposeScope();
    }

    /// <summary>decoderStateᵀ · W · encoderStates: Luong et al. 2015, eq. 8, "general".</summary>
    /// <param name="decoderState"><c>[n_dec,1]</c>.</param>
    /// <param name="encoderStates"><c>[n_enc,n]</c>.</param>
    /// <param name="weight">W <c>[n_dec,n_enc]</c>.</param>
    /// <returns><c>[1,n]</c>.</returns>
    /// <exception cref="ArgumentException">Shapes, dtypes or devices do not fit.</exception>
    public static Tensor MultiplicativeScores(Tensor decoderState, Tensor encoderStates, Tensor weight)
    {
        var (enc, _) = ColumnChecks.Matrix(encoderStates, "n_enc", null, "n", null, nameof(encoderStates));
        var (dec, _) = ColumnChecks.Matrix(decoderState, "n_dec", null, "1", 1, nameof(decoderState), encoderStates);
        ColumnChecks.Matrix(weight, "n_dec", dec, "n_enc", enc, nameof(weight), encoderStates);
        using var scope = NewDisposeScope();
        return mm(mm(decoderState.t(), weight), encoderStates).MoveToOuterDisposeScope();
    }

    /// <summary>vᵀ tanh(W_enc · encoderStates + W_dec · decoderState): Bahdanau et al. 2015 (arXiv 1409.0473), A.1.2.</summary>
    /// <param name="decoderState"><c>[n_dec,1]</c>.</param>
    /// <param name="encoderStates"><c>[n_enc,n]</c>.</param>
    /// <param name="vector">v <c>[n_int,1]</c>.</param>
    /// <param name="encoderWeight">W_enc <c>[n_int,n_enc]</c>.</param>
    /// <param name="decoderWeight">W_dec <c>[n_int,n_dec]</c>.</param>
    /// <returns><c>[1,n]</c>.</returns>
    /// <exception cref="ArgumentException">Shapes, dtypes or devices do not fit.</exception>
    public static Tensor AdditiveScores(
        Tensor decoderState, Tensor encoderStates, Tensor vector, Tensor encoderWeight, Tensor decoderWeight)
    {
        var (enc, _) = ColumnChecks.Matrix(encoderStates, "n_enc", null, "n", null, nameof(encoderStates));
        var (dec, _) = ColumnChecks.Matrix(decoderState, "n_dec", null, "1", 1, nameof(decoderState), encoderStates);
        var (inner, _) = ColumnChecks.Matrix(vector, "n_int", null, "1", 1, nameof(vector), encoderStates);
        ColumnChecks.Matrix(encoderWeight, "n_int", inner, "n_enc", enc, nameof(encoderWeight), encoderStates);
        ColumnChecks.Matrix(decoderWeight, "n_int", inner, "n_dec", dec, nameof(decoderWeight), encoderStates);
        using var scope = NewDisposeScope();
        var activations = (mm(encoderWeight, encoderStates) + mm(decoderWeight, decoderState)).tanh();     // [n_int,n]
        return mm(vector.t(), activations).MoveToOuterDisposeScope();
    }

    /// <summary>Every state times its weight.</summary>
    /// <param name="weights"><c>[1,n]</c>.</param>
    /// <param name="encoderStates"><c>[n_enc,n]</c>.</param>
    /// <returns><c>[n_enc,n]</c>; its columns sum to the output.</returns>
    /// <exception cref="ArgumentException">Shapes, dtypes or devices do not fit.</exception>
    public static Tensor ApplyWeights(Tensor weights, Tensor encoderStates)
    {
        CheckWeights(weights, encoderStates);
        return encoderStates * weights;
    }

    /// <summary>The sum of all states, each times its weight: the context.</summary>
    /// <param name="weights"><c>[1,n]</c>.</param>
    /// <param name="encoderStates"><c>[n_enc,n]</c>.</param>
    /// <returns><c>[n_enc,1]</c>.</returns>
    /// <exception cref="ArgumentException">Shapes, dtypes or devices do not fit.</exception>
    public static Tensor WeightedSum(Tensor weights, Tensor encoderStates)
    {
        CheckWeights(weights, encoderStates);
        using var scope = NewDisposeScope();
        return mm(encoderStates, weights.t()).MoveToOuterDisposeScope();
    }

    /// <summary>Attention by <see cref="DotScores"/>.</summary>
    /// <returns>Output <c>[n_enc,1]</c> and weights <c>[1,n]</c>.</returns>
    /// <inheritdoc cref="DotScores"/>
    public static AttentionResult DotAttention(Tensor decoderState, Tensor encoderStates) =>
        Attend(DotScores(decoderState, encoderStates), encoderStates);

    /// <summary>Attention by <see cref="MultiplicativeScores"/>.</summary>
    /// <returns>Output <c>[n_enc,1]</c> and weights <c>[1,n]</c>.</returns>
    /// <inheritdoc cref="MultiplicativeScores"/>
    public static AttentionResult MultiplicativeAttention(Tensor decoderState, Tensor encoderStates, Tensor weight) =>
        Attend(MultiplicativeScores(decoderState, encoderStates, weight), encoderStates);

    /// <summary>Attention by <see cref="AdditiveScores"/>.</summary>
    /// <returns>Output <c>[n_enc,1]</c> and weights <c>[1,n]</c>.</returns>
    /// <inheritdoc cref="AdditiveScores"/>
    public static AttentionResult AdditiveAttention(
        Tensor decoderState, Tensor encoderStates, Tensor vector, Tensor encoderWeight, Tensor decoderWeight) =>
        Attend(AdditiveScores(decoderState, encoderStates, vector, encoderWeight, decoderWeight), encoderStates);

    private static AttentionResult Attend(Tensor scores, Tensor encoderStates)
    {
        using (scores)
        {
            var weights = Softmax(scores);
            return new AttentionResult(WeightedSum(weights, encoderStates), weights);
        }
    }

    private static void CheckWeights(Tensor weights, Tensor encoderStates)
    {
        var (_, count) = ColumnChecks.Matrix(encoderStates, "n_enc", null, "n", null, nameof(encoderStates));
        ColumnChecks.Matrix(weights, "1", 1, "n", count, nameof(weights), encoderStates);
    }
}
