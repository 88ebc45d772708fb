using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>A <see cref="RecurrentCell"/> with its weights laid out for many steps.</summary>
/// <remarks>Shapes: B batch, C context, D state width, G gates.</remarks>
public abstract class UnrolledCell
{
    private protected UnrolledCell()
    {
    }

    /// <summary>One step.</summary>
    /// <param name="projected">What <see cref="RecurrentCell.ProjectInput"/> gave for this step: <c>[B,G·D]</c>.</param>
    /// <param name="context">The context <c>[B,C]</c>.</param>
    /// <param name="state">The state <c>[B,D]</c>.</param>
    /// <returns>The next state <c>[B,D]</c>, in the current dispose scope.</returns>
    public abstract RecurrentState Advance(Tensor projected, Tensor context, RecurrentState state);
}
