namespace ContextAware.Interop;

/// <summary>Lets modules be made without the random numbers that loaded weights would overwrite.</summary>
/// <remarks>
/// It works for the parameters of this library's own modules; those of TorchSharp's modules inside them, such as
/// <c>Linear</c>, are initialised by libtorch in any case.
/// </remarks>
/// <example><code>
/// MultiHeadAttention attention;
/// using (WeightInitialization.Skip())
///     attention = new MultiHeadAttention(512, 8);
/// attention.LoadWeights(file);
/// </code></example>
public static class WeightInitialization
{
    [ThreadStatic]
    private static int skips;

    /// <summary>Whether modules that are made now, on this thread, leave their parameters as the memory comes.</summary>
    public static bool IsSkipped => skips > 0;

    /// <summary>From now on until the result is disposed, modules made on this thread are not initialised: load all of
    /// their weights before they are used.</summary>
    public static IDisposable Skip() => new Skipping();

    private sealed class Skipping : IDisposable
    {
        private bool ended;

        internal Skipping() => skips++;

        public void Dispose()
        {
            if (ended)
                return;
            ended = true;
            skips--;
        }
    }
}
