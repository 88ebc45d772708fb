namespace Ask.Questions;

/// <summary>Pictures of one size, and questions about each.</summary>
public abstract class QuestionSet
{
    /// <summary>Height and width of a picture, in three colours.</summary>
    public abstract int Side { get; }

    /// <summary>How many pictures there are.</summary>
    public abstract int Count { get; }

    /// <summary>A picture: row by row, red, green and blue of a pixel side by side.</summary>
    public abstract byte[] Pixels(int picture);

    /// <summary>The questions about a picture.</summary>
    public abstract IReadOnlyList<PictureQuestion> Questions(int picture);
}
