using static TorchSharp.torch;

namespace ContextAware.Transformers;

/// <summary>What a stack of layers returns.</summary>
/// <param name="Output">[B, T, D].</param>
/// <param name="SelfWeights">Weights of self-attention, [B, H, T, T] for each layer that was asked for; empty if none was.</param>
/// <param name="CrossWeights">Weights of attention to the memory, [B, H, T, S] each; empty for an encoder.</param>
public sealed record StackResult(Tensor Output, IReadOnlyList<Tensor> SelfWeights, IReadOnlyList<Tensor> CrossWeights)
{
    internal StackResult MoveToOuterDisposeScope()
    {
        Output.MoveToOuterDisposeScope();
        foreach (var weights in SelfWeights.Concat(CrossWeights))
            weights.MoveToOuterDisposeScope();
        return this;
    }
}
