namespace ContextAware.Models.Decoding;

/// <summary>Checks what a model answers.</summary>
internal static class ModelAnswer
{
    /// <summary>Refuses a log-probability that is none: a search would go on with symbols that nobody chose.</summary>
    /// <param name="score">The log-probability of a chosen symbol.</param>
    /// <exception cref="InvalidOperationException">It is NaN.</exception>
    public static void RefuseNaN(double score)
    {
        if (double.IsNaN(score)) throw NotFinite("NaN as a log-probability.");
    }

    /// <summary>What is thrown where a model's answer is none.</summary>
    /// <param name="flaw">What is wrong with it, a sentence.</param>
    public static InvalidOperationException NotFinite(string flaw) =>
        new($"The model's weights, or what it makes of this source, are not finite: {flaw}");
}
