using ContextAware.Caching;
using static TorchSharp.torch;

namespace ContextAware.Models.LanguageModels.Steps;

/// <summary>
/// The keys and values of one text in one layer, G heads of keys and G of values in one tensor, so that a step writes both
/// with one call. As a cache it also serves the model's own forward pass, which reads the prompt.
/// </summary>
internal sealed class StepMemory : KeyValueCache
{
    private readonly long groups;
    private long length;

    internal StepMemory(long groups, long capacity, long headWidth, ScalarType type, Device device)
    {
        (Capacity, this.groups) = (capacity, groups);
        using var scope = NewDisposeScope();
        Tensor = zeros([2 * groups, capacity, headWidth], type, device).DetachFromDisposeScope();
        Keys = Tensor.narrow(0, 0, groups).DetachFromDisposeScope();
        Values = Tensor.narrow(0, groups, groups).DetachFromDisposeScope();
        KeyColumns = Keys.transpose(1, 2).DetachFromDisposeScope();
    }

    /// <summary>C, the most positions.</summary>
    internal long Capacity { get; }

    /// <summary>[2G, C, E].</summary>
    internal Tensor Tensor { get; }

    /// <summary>[G, C, E].</summary>
    internal Tensor Keys { get; }

    /// <summary>[G, C, E].</summary>
    internal Tensor Values { get; }

    /// <summary>[G, E, C].</summary>
    internal Tensor KeyColumns { get; }

    public override long Length => length;

    /// <summary>Takes note of a position that a step has written.</summary>
    internal void Advance() => length++;

    public override (Tensor Key, Tensor Value) Append(Tensor key, Tensor value)
    {
        var steps = key.size(2);
        if (key.size(0) != 1 || length + steps > Capacity)
            throw new InvalidOperationException($"There is room for one text of {Capacity} positions; {key.size(0)} of {length + steps} came.");
        using var scope = NewDisposeScope();
        Keys.narrow(1, length, steps).copy_(key.squeeze(0));
        Values.narrow(1, length, steps).copy_(value.squeeze(0));
        length += steps;
        var (keys, values) = (Keys.narrow(1, 0, length).unsqueeze(0), Values.narrow(1, 0, length).unsqueeze(0));
        return (keys.MoveToOuterDisposeScope(), values.MoveToOuterDisposeScope());
    }

    public override void Reset() => length = 0;

    public override void Truncate(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, this.length);
        this.length = length;
    }

    public override void Reorder(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.numel() != 1) throw new InvalidOperationException($"There is room for one text; {rows.numel()} came.");
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        KeyColumns.Dispose();
        Keys.Dispose();
        Values.Dispose();
        Tensor.Dispose();
    }
}
