using ContextAware.Visualization;

namespace ContextAware.Tests.Visualization;

/// <summary>Small maps for the tests.</summary>
internal static class Maps
{
    public static AttentionMap Tiny => new(new[,] { { 0.75f, 0.25f, 0 }, { 0, 0.125f, 1 } }, ["AH", "B"], ["a", "b", "c"], "tiny")
    {
        RowAxis = "phones",
        ColumnAxis = "letters",
    };

    /// <summary>Two layers of two heads; every weight is another one.</summary>
    public static AttentionMap Heads => AttentionMap.FromFlat([.. Enumerable.Range(0, 24).Select(i => i / 24f)], 2, 2, ["x", "y"], ["a", "b", "c"], "heads");

    public static AttentionMap Hostile => new(new[,] { { 0.5f, 0.5f } },
        ["</script><script>document.title='owned'</script>"],
        ["<img src=x onerror=\"document.title='owned'\">", "a\"b'c&amp;\0\u001b[31m\u202Eevil\uD800"], "</title>{{data}}<b>&");

    public static AttentionMap Empty(int rows, int columns)
        => new(new float[rows, columns], [.. Enumerable.Repeat("r", rows)], [.. Enumerable.Repeat("c", columns)]);
}
