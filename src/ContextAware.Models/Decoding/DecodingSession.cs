using static TorchSharp.torch;

namespace ContextAware.Models.Decoding;

/// <summary>Targets being written side by side, one row each. Holds what the model must remember between steps.</summary>
/// <remarks>Its tensors belong to it and not to a dispose scope: dispose it.</remarks>
public abstract class DecodingSession : IDisposable
{
    /// <summary>Gives each row its next symbol and asks for the one after.</summary>
    /// <param name="tokens"><c>[N]</c> int64.</param>
    /// <returns>Logits and weights, in the current dispose scope.</returns>
    public abstract DecodingStep Advance(Tensor tokens);

    /// <summary>Replaces the rows: row i goes on from what row <c>rows[i]</c> was.</summary>
    /// <param name="rows">Any number of rows, in any order, each as often as wanted.</param>
    public abstract void Reorder(long[] rows);

    /// <summary>Frees what is remembered.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what is remembered.</summary>
    protected abstract void Dispose(bool disposing);
}
