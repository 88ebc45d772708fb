using Examples.Common;
using Pictures;

namespace Ask.Answering;

/// <summary>What it takes to make an <see cref="Asker"/> again.</summary>
public sealed record AskerSettings : IModelSettings
{
    // No tensor tells how large a picture is.
    private const int LargestSide = 256;

    /// <summary>The words of the questions, in the order of their numbers.</summary>
    public required IReadOnlyList<string> Words { get; init; }

    /// <summary>The answers, in the order of their numbers.</summary>
    public required IReadOnlyList<string> Answers { get; init; }

    /// <summary>Height and width of a picture.</summary>
    public required int Side { get; init; }

    /// <summary>The features of each layer of the encoder, which halves height and width.</summary>
    public IReadOnlyList<int> Features { get; init; } = [24, 32, 48, 64];

    /// <summary>The width of a question.</summary>
    public int Question { get; init; } = 64;

    /// <summary>The width of the attention's and of the classifier's hidden layer.</summary>
    public int Hidden { get; init; } = 128;

    /// <summary>How many maps a question makes.</summary>
    public int Maps { get; init; } = 6;

    /// <summary>Whether the maps follow each other; otherwise they are made at once.</summary>
    public bool Stacked { get; init; }

    /// <inheritdoc/>
    public void CheckAgainst(StoredShapes stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        if (Side > LargestSide) throw new InvalidDataException($"its settings ask for pictures of {Side}×{Side} pixels, more than {LargestSide}×{LargestSide}");
        var places = stored.ExpectEncoder("encoder.1", Asker.Colours + PictureShapes.Coordinates, Features) + PictureShapes.Coordinates;
        stored.Expect("text.lstm.rnn.weight_hh_l0", 4L * Question, Question);
        stored.Expect("classifier.lin1.weight", Hidden, Stacked ? Question : (Maps * places) + Question);
        stored.Expect("classifier.lin2.weight", Answers.Count, Hidden);
        for (var map = 0; Stacked && map < Maps; map++) stored.Expect($"attention.question_hidden.{map}.weight", Hidden, Question);
    }
}
