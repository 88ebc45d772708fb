namespace Scan.Language;

/// <summary>A command and the actions that carry it out.</summary>
/// <param name="Words">The command's words.</param>
/// <param name="Actions">The actions.</param>
public sealed record CommandPair(IReadOnlyList<string> Words, IReadOnlyList<string> Actions)
{
    private const string Start = "IN: ";
    private const string Middle = " OUT: ";

    /// <summary>The command as text.</summary>
    public string Command => string.Join(' ', Words);

    /// <summary>Reads <c>IN: jump twice OUT: I_JUMP I_JUMP</c>.</summary>
    /// <returns>Null if the line is none.</returns>
    public static CommandPair? Parse(string line)
    {
        var middle = line.IndexOf(Middle, StringComparison.Ordinal);
        if (!line.StartsWith(Start, StringComparison.Ordinal) || middle < Start.Length) return null;
        var (words, actions) = (Split(line[Start.Length..middle]), Split(line[(middle + Middle.Length)..]));
        return words.Length == 0 || actions.Length == 0 ? null : new(words, actions);
    }

    /// <summary>The words of a text.</summary>
    public static string[] Split(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
