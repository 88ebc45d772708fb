using Examples.Common;

namespace Ask.Questions;

/// <summary>Generated pictures of shapes; the same seed and place give the same picture.</summary>
/// <param name="count">How many pictures.</param>
/// <param name="seed">Where they come from.</param>
/// <param name="first">The place of the first: sets whose places don't overlap share no picture.</param>
public sealed class ShapeSet(int count, long seed, int first) : QuestionSet
{
    /// <summary>Pictures to learn from, in the protocol.</summary>
    public const int TrainCount = 9800;

    /// <summary>Pictures for the test, in the protocol.</summary>
    public const int TestCount = 200;

    private readonly ShapeScene[] scenes = [.. Enumerable.Range(first, count).Select(place => ShapeScene.Make(new Random(StableHash.Seed($"{seed} {place}"))))];

    /// <inheritdoc/>
    public override int Side => ShapeScene.Side;

    /// <inheritdoc/>
    public override int Count => scenes.Length;

    /// <summary>The pictures of the protocol's two sets, and as many as the test's to watch progress by.</summary>
    public static (QuestionSet Train, QuestionSet Dev, QuestionSet Test) Protocol(long seed, int train = TrainCount) =>
        (new ShapeSet(train, seed, 2 * TestCount), new ShapeSet(TestCount, seed, TestCount), new ShapeSet(TestCount, seed, 0));

    /// <inheritdoc/>
    public override byte[] Pixels(int picture) => scenes[picture].Draw();

    /// <inheritdoc/>
    public override IReadOnlyList<PictureQuestion> Questions(int picture) => scenes[picture].Questions;
}
