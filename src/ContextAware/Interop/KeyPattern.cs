using System.Text;
using System.Text.RegularExpressions;

namespace ContextAware.Interop;

/// <summary>A name with wildcards: <c>*</c> stands for one part between dots, <c>**</c> for any text, empty too.</summary>
internal sealed partial class KeyPattern
{
    private readonly string text;
    private readonly Regex regex;

    internal KeyPattern(string text, string argument)
    {
        ArgumentException.ThrowIfNullOrEmpty(text, argument);
        this.text = text;
        var expression = new StringBuilder("^");
        var rest = 0;
        foreach (var star in Wildcard().EnumerateMatches(text))
        {
            expression.Append(Regex.Escape(text[rest..star.Index])).Append(star.Length == 2 ? "(.*)" : @"([^.]+)");
            rest = star.Index + star.Length;
        }
        expression.Append(Regex.Escape(text[rest..])).Append(@"\z");
        regex = new Regex(expression.ToString(), RegexOptions.CultureInvariant | RegexOptions.Singleline);
    }

    internal int WildcardCount => Wildcard().Count(text);

    /// <summary>What the wildcards stand for in a name, in order, or null for a name of another form.</summary>
    internal string[]? Match(string name)
    {
        var match = regex.Match(name);
        return match.Success ? [.. match.Groups.Values.Skip(1).Select(group => group.Value)] : null;
    }

    /// <summary>The name that has these texts in place of the wildcards.</summary>
    internal string Fill(string[] captures)
    {
        var next = 0;
        return Wildcard().Replace(text, _ => captures[next++]);
    }

    /// <summary>Throws unless both patterns have the same number of wildcards.</summary>
    internal void RequireSameWildcards(KeyPattern other, string argument)
    {
        if (WildcardCount != other.WildcardCount)
            throw new ArgumentException($"'{text}' has {WildcardCount} wildcards, but '{other.text}' has {other.WildcardCount}.", argument);
    }

    public override string ToString() => text;

    [GeneratedRegex(@"\*\*?")]
    private static partial Regex Wildcard();
}
