namespace Ask.Questions;

/// <summary>A question about a picture.</summary>
/// <param name="Words">Its words.</param>
/// <param name="Answer">The right answer.</param>
/// <param name="Kind">What figures are kept apart by: "relational".</param>
public sealed record PictureQuestion(IReadOnlyList<string> Words, string Answer, string Kind)
{
    /// <summary>The words of a text: lower case, without marks at the end.</summary>
    public static string[] Split(string text) =>
        text.ToLowerInvariant().TrimEnd('?', '.', '!', ' ').Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
