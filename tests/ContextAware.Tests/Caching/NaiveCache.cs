namespace ContextAware.Tests.Caching;

/// <summary>What a cache should hold: for each row a list of numbers, one for each position.</summary>
internal sealed class NaiveCache(int batch)
{
    internal List<double>[] Rows { get; private set; } = [.. Enumerable.Range(0, batch).Select(_ => new List<double>())];

    internal long Length => Rows.Max(row => row.Count);

    internal void Append(double[,] steps)
    {
        for (var b = 0; b < Rows.Length; b++)
            for (var t = 0; t < steps.GetLength(1); t++)
                Rows[b].Add(steps[b, t]);
    }

    internal void Truncate(int row, long length)
    {
        if (length < Rows[row].Count)
            Rows[row].RemoveRange((int)length, Rows[row].Count - (int)length);
    }

    internal void Reorder(long[] rows) => Rows = [.. rows.Select(row => new List<double>(Rows[row]))];
}
