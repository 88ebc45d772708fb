using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Positions;

/// <summary>
/// Tensors indexed by position, made once for each device and element type, and made anew with twice the length when a
/// longer span is asked for. They are no buffers, so that no state dict holds them.
/// </summary>
/// <param name="build">Makes the tables of a length, on the CPU.</param>
/// <param name="dimension">Where the positions lie.</param>
internal sealed class PositionTables(Func<long, Tensor[]> build, int dimension = -2) : IDisposable
{
    private const long SmallestLength = 64;

    private readonly Lock gate = new();
    private readonly Dictionary<(ScalarType, DeviceType, int), (long Length, Tensor[] Tables)> made = [];

    /// <summary>Views of the tables' rows for positions <paramref name="start"/> to start + length.</summary>
    internal Tensor[] Rows(long start, long length, ScalarType type, Device device)
    {
        lock (gate)
            return Array.ConvertAll(Reaching(start + length, type, device).Tables, table => table.narrow(dimension, start, length));
    }

    /// <summary>Lets a function take views of tables that were built for at least this length.</summary>
    /// <param name="length">The least length.</param>
    /// <param name="type">The element type of the tables.</param>
    /// <param name="device">Where they are.</param>
    /// <param name="view">Takes a view of the first table, given the length that it was built for.</param>
    internal Tensor View(long length, ScalarType type, Device device, Func<Tensor, long, Tensor> view)
    {
        lock (gate)
        {
            var (built, tables) = Reaching(length, type, device);
            return view(tables[0], built);
        }
    }

    /// <summary>Copies of the tables' rows, one for each id.</summary>
    /// <param name="ids">int64, any shape, none negative.</param>
    /// <param name="type">The element type of the tables.</param>
    internal Tensor[] Rows(Tensor ids, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var (least, most) = Extremes(ids);
        if (least < 0)
            throw new ArgumentOutOfRangeException(nameof(ids), least, "Positions can't be negative.");
        lock (gate)
        {
            var (_, tables) = Reaching(most + 1, type, ids.device);
            return Array.ConvertAll(tables, table => Lookup(table, ids).MoveToOuterDisposeScope());
        }
    }

    /// <summary>The rows of a table [L, D] at ids of any shape: [ids..., D].</summary>
    internal static Tensor Lookup(Tensor table, Tensor ids)
    {
        using var scope = NewDisposeScope();
        var rows = table.index_select(0, ids.reshape(-1));
        return rows.reshape([.. ids.shape, table.size(1)]).MoveToOuterDisposeScope();
    }

    /// <summary>Frees the tables; they are made again when they are needed again.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            foreach (var (_, tables) in made.Values)
                Free(tables);
            made.Clear();
        }
    }

    private (long Length, Tensor[] Tables) Reaching(long length, ScalarType type, Device device)
    {
        var key = (type, device.type, device.index);
        if (made.TryGetValue(key, out var present) && present.Length >= length)
            return present;
        if (made.Remove(key))       // first of all: there may be no memory for longer ones
            Free(present.Tables);
        var longer = Math.Max(length, Math.Max(SmallestLength, 2 * present.Length));
        return made[key] = (longer, Build(longer, type, device));
    }

    // Made outside any inference mode: a tensor that is born in one can't take part in training later.
    private Tensor[] Build(long length, ScalarType type, Device device)
    {
        using var scope = NewDisposeScope();
        using var ordinary = inference_mode(false);
        using var noGradient = no_grad();
        return Array.ConvertAll(build(length), table => table.to(type).to(device).DetachFromDisposeScope());
    }

    private static (long Least, long Most) Extremes(Tensor ids)
    {
        if (ids.numel() == 0)
            return (0, 0);
        var (least, most) = ids.aminmax();
        return (least.item<long>(), most.item<long>());
    }

    private static void Free(Tensor[] tables)
    {
        foreach (var table in tables)
            table.Dispose();
    }
}
