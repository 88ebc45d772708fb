using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Arrangements;

/// <summary>What was seen of the source.</summary>
/// <param name="Context">Σ weight · value <c>[B,W]</c>, or <c>[T,B,W]</c> for many steps.</param>
/// <param name="Weights">Where it was seen <c>[B,S]</c>, or <c>[T,B,S]</c>; null if nobody wants to know.</param>
internal sealed record Look(Tensor Context, Tensor? Weights)
{
    /// <summary>Many steps from single ones.</summary>
    public static Look Stack(IReadOnlyList<Look> steps) =>
        new(stack(steps.Select(step => step.Context)), stack(steps.Select(step => step.Weights!)));

    /// <summary>Keeps the tensors beyond the current dispose scope.</summary>
    public Look MoveToOuterDisposeScope() => new(Context.MoveToOuterDisposeScope(), Weights?.MoveToOuterDisposeScope());
}
