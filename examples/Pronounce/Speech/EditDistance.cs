namespace Pronounce.Speech;

/// <summary>How far two sequences are apart: Levenshtein 1966.</summary>
public static class EditDistance
{
    /// <summary>The fewest insertions, deletions and replacements that turn one sequence into the other.</summary>
    public static int Between(IReadOnlyList<string> first, IReadOnlyList<string> second)
    {
        var row = Enumerable.Range(0, second.Count + 1).ToArray();
        for (var i = 1; i <= first.Count; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= second.Count; j++)
            {
                var replaced = diagonal + (first[i - 1] == second[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[second.Count];
    }
}
