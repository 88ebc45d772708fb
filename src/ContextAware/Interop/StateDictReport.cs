namespace ContextAware.Interop;

/// <summary>How stored weights and a module's state dict fit together.</summary>
/// <param name="Missing">Names that the module has and the weights lack.</param>
/// <param name="Unexpected">Names that the weights have and the module lacks.</param>
/// <param name="Misshapen">Names that both have, with unequal shapes.</param>
public sealed record StateDictReport(
    IReadOnlyList<string> Missing, IReadOnlyList<string> Unexpected, IReadOnlyList<ShapeMismatch> Misshapen)
{
    private const int MostListed = 20;

    /// <summary>Whether every entry of either side has its counterpart.</summary>
    public bool IsExact => Missing.Count + Unexpected.Count + Misshapen.Count == 0;

    /// <summary>The report as text, one entry a line; long lists are cut and say so.</summary>
    public override string ToString() => IsExact
        ? "All weights fit."
        : string.Join(Environment.NewLine,
            Section("missing", Missing).Concat(Section("unexpected", Unexpected)).Concat(Section("misshapen", Misshapen)));

    private static IEnumerable<string> Section<T>(string title, IReadOnlyList<T> items)
    {
        if (items.Count == 0)
            yield break;
        yield return $"{items.Count} {title}:";
        foreach (var item in items.Take(MostListed))
            yield return $"  {item}";
        if (items.Count > MostListed)
            yield return $"  … and {items.Count - MostListed} more";
    }
}
