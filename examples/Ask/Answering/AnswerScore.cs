using System.Globalization;

namespace Ask.Answering;

/// <summary>How many questions of a kind were answered right.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Right">How many were right.</param>
/// <param name="Count">How many there were.</param>
public sealed record AnswerScore(string Kind, int Right, int Count)
{
    /// <summary>The share.</summary>
    public double Accuracy => (double)Right / Count;

    /// <summary>The figure in a few words.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Accuracy:0.0%} of {Count:#,0} questions");
}
