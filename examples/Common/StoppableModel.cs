using ContextAware.Models.Decoding;
using static TorchSharp.torch;

namespace Examples.Common;

/// <summary>A model that can be stopped while it writes: it looks before each step.</summary>
/// <param name="model">Writes.</param>
/// <param name="cancellation">Stops it, with an <see cref="OperationCanceledException"/>.</param>
public sealed class StoppableModel(ISequenceModel model, CancellationToken cancellation) : ISequenceModel
{
    /// <inheritdoc/>
    public DecodingSession Start(Tensor source, Tensor sourceLengths)
    {
        cancellation.ThrowIfCancellationRequested();
        return new Session(model.Start(source, sourceLengths), cancellation);
    }

    private sealed class Session(DecodingSession inner, CancellationToken cancellation) : DecodingSession
    {
        public override DecodingStep Advance(Tensor tokens)
        {
            cancellation.ThrowIfCancellationRequested();
            return inner.Advance(tokens);
        }

        public override void Reorder(long[] rows) => inner.Reorder(rows);

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
        }
    }
}
