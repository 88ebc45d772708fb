using Examples.Common;
using Pictures;

namespace Caption.Writing;

/// <summary>What it takes to make a <see cref="Captioner"/> again.</summary>
public sealed record CaptionerSettings : IModelSettings
{
    /// <summary>The features of each layer of the encoder; the first three halve height and width.</summary>
    public IReadOnlyList<int> Features { get; init; } = [16, 32, 64, 126];

    /// <summary>The width of a word's vector.</summary>
    public int Embedding { get; init; } = 32;

    /// <summary>The width of the LSTM's state.</summary>
    public int Hidden { get; init; } = 192;

    /// <summary>The width of the attention's hidden layer.</summary>
    public int Attention { get; init; } = 96;

    /// <inheritdoc/>
    public void CheckAgainst(StoredShapes stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var places = stored.ExpectEncoder("encoder.0", 1, Features) + PictureShapes.Coordinates;
        stored.Expect("decoder.rnn.weight_ih", 4L * Hidden, Embedding + places);
        stored.Expect("decoder.rnn.weight_hh", 4L * Hidden, Hidden);
        stored.Expect("decoder.attention.score.W_q.weight", Attention, Hidden);
        stored.Expect("decoder.attention.score.W_k.weight", Attention, places);
    }
}
