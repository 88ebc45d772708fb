using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>The weights of a block.</summary>
/// <param name="Weights">[b, g, R, t, s].</param>
/// <param name="Sums">What the weights of each query are still to be divided by, [b, g, R, t, 1]; null: they are softmax's.</param>
/// <param name="Tanh">The tanh of the scores, [b, g, R, t, s], if there is a softcap.</param>
internal readonly record struct BlockWeights(Tensor Weights, Tensor? Sums, Tensor? Tanh)
{
    /// <summary>Something of each query, [b, g, R, t, X], divided by what its weights are still to be divided by.</summary>
    internal Tensor Divide(Tensor queries) => Sums is null ? queries : queries.div(Sums);

    /// <summary>What a backward pass needs of them, for autograd to keep.</summary>
    internal IEnumerable<Tensor> Kept => Sums is null ? [Weights] : [Weights, Sums];
}
