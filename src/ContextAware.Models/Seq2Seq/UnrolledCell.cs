using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>A <see cref="RecurrentCell"/> made ready for many steps.</summary>
/// <remarks>Shapes: B batch, T steps, I known input, C context, D state width, G gates.</remarks>
public abstract class UnrolledCell
{
    private protected UnrolledCell()
    {
    }

    /// <summary>The part of the gates that depends on the known input alone.</summary>
    /// <param name="input"><c>[…,I]</c>: all steps at once where they are known.</param>
    /// <returns><c>[…,G·D]</c>.</returns>
    public abstract Tensor ProjectInput(Tensor input);

    /// <summary>One step.</summary>
    /// <param name="projected">What <see cref="ProjectInput"/> gave for this step: <c>[B,G·D]</c>.</param>
    /// <param name="context">The context <c>[B,C]</c>.</param>
    /// <param name="state">The state <c>[B,D]</c>.</param>
    /// <returns>The next state <c>[B,D]</c>, in the current dispose scope.</returns>
    public abstract RecurrentState Advance(Tensor projected, Tensor context, RecurrentState state);
}
