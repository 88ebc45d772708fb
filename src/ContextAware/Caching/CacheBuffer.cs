using static TorchSharp.torch;

namespace ContextAware.Caching;

/// <summary>The memory of a cache: keys [B, G, C, E] and values [B, G, C, V], with room for C positions.</summary>
internal sealed class CacheBuffer : IDisposable
{
    private Tensor? keys;
    private Tensor? values;
    private ScalarType type;
    private (long Batch, long Groups, long Width) keySizes;
    private (long Batch, long Groups, long Width) valueSizes;

    /// <summary>C.</summary>
    internal long Capacity { get; private set; }

    /// <summary>Whether steps may be written in place: not where gradients flow through the contents.</summary>
    internal bool IsWritable { get; private set; }

    internal bool IsEmpty => keys is null;

    /// <summary>B, or 0 before the first write.</summary>
    internal long Batch => keySizes.Batch;

    internal Device Device => keys?.device ?? CPU;

    /// <summary>Whether these steps could stand beside what is here.</summary>
    internal bool Fits(Tensor key, Tensor value) =>
        HasSizesOf(key, value) && key.dtype == type;

    /// <summary>Whether these steps have the batch, the heads and the widths of what is here.</summary>
    internal bool HasSizesOf(Tensor key, Tensor value) => keys is not null && Sizes(key) == keySizes && Sizes(value) == valueSizes;

    /// <summary>Whether a new sequence that begins with these steps could use the memory that is here.</summary>
    internal bool Suits(Tensor key, Tensor value) =>
        Fits(key, value) && keys!.device_type == key.device_type && keys.device_index == key.device_index;

    /// <summary>Throws unless these steps could stand beside what is here.</summary>
    internal void Check(Tensor key, Tensor value)
    {
        if (keys is null || Fits(key, value))
            return;
        var name = Sizes(key) != keySizes || key.dtype != type ? nameof(key) : nameof(value);
        var (expected, actual) = name == nameof(key) ? (keySizes, key) : (valueSizes, value);
        throw new ArgumentException(
            $"Expected {type} [{expected.Batch}, {expected.Groups}, T, {expected.Width}] as before, got {actual.dtype} {ShapeText.Of(actual)}.", name);
    }

    /// <summary>Whether gradients must flow through a cache that holds these steps beside what is here.</summary>
    internal bool NeedsGraph(Tensor key, Tensor value) =>
        is_grad_enabled() && (key.requires_grad || value.requires_grad || keys is { requires_grad: true } || values is { requires_grad: true });

    /// <summary>Takes memory for C positions of these steps' sizes; the first <paramref name="used"/> positions stay.</summary>
    internal void Allocate(Tensor key, Tensor value, long capacity, long used) => Allocate(key.size(0), key, value, capacity, used);

    /// <summary>Writes steps from a position on.</summary>
    internal void Write(long at, Tensor key, Tensor value, long steps)
    {
        using var keySlot = keys!.narrow(2, at, steps);
        using var valueSlot = values!.narrow(2, at, steps);
        keySlot.copy_(key);
        valueSlot.copy_(value);
    }

    /// <summary>Writes steps of each row b from position at[b] on.</summary>
    internal void Write(Tensor at, Tensor key, Tensor value)
    {
        CacheFunctions.Scatter_(keys!, key, at);
        CacheFunctions.Scatter_(values!, value, at);
    }

    /// <summary>Views of a range of positions.</summary>
    internal (Tensor Key, Tensor Value) View(long start, long length) => (keys!.narrow(2, start, length), values!.narrow(2, start, length));

    /// <summary>Puts other tensors in the place of these; they are the buffer's from now on.</summary>
    internal void Replace(Tensor key, Tensor value, bool writable)
    {
        Dispose();
        (keys, values) = (key.DetachFromDisposeScope(), value.DetachFromDisposeScope());
        (keySizes, valueSizes, type) = (Sizes(key), Sizes(value), key.dtype);
        (Capacity, IsWritable) = (key.size(2), writable);
    }

    /// <summary>Moves positions to the front.</summary>
    internal void MoveToFront(long start, long length)
    {
        using var scope = NewDisposeScope();
        var (key, value) = View(start, length);
        var overlaps = start < length;
        keys!.narrow(2, 0, length).copy_(overlaps ? key.clone() : key);
        values!.narrow(2, 0, length).copy_(overlaps ? value.clone() : value);
    }

    /// <summary>Makes row b what row rows[b] was, in a range of positions; what is outside of it may be lost.</summary>
    internal void Reorder(Tensor rows, long start, long length)
    {
        if (keys is null || values is null)
            return;
        using var scope = NewDisposeScope();
        if (!IsWritable)
        {
            Replace(keys.index_select(0, rows), values.index_select(0, rows), writable: false);
            return;
        }
        var (key, value) = View(start, length);
        var (newKey, newValue) = (key.index_select(0, rows), value.index_select(0, rows));
        if (rows.size(0) != Batch)
            Allocate(rows.size(0), keys, values, Capacity, 0);
        var (keySlot, valueSlot) = View(start, length);
        keySlot.copy_(newKey);
        valueSlot.copy_(newValue);
    }

    public void Dispose()
    {
        keys?.Dispose();
        values?.Dispose();
        (keys, values, keySizes, valueSizes, Capacity, IsWritable) = (null, null, default, default, 0, false);
    }

    // Zeros, so that what was never written is no NaN. Outside any inference mode: what is born in one can't be written to later.
    private void Allocate(long batch, Tensor key, Tensor value, long capacity, long used)
    {
        using var scope = NewDisposeScope();
        using var ordinary = inference_mode(false);
        using var noGradient = no_grad();
        var newKeys = zeros([batch, key.size(1), capacity, key.size(3)], key.dtype, key.device);
        var newValues = zeros([batch, value.size(1), capacity, value.size(3)], value.dtype, value.device);
        if (used > 0)
        {
            newKeys.narrow(2, 0, used).copy_(keys!.narrow(2, 0, used));
            newValues.narrow(2, 0, used).copy_(values!.narrow(2, 0, used));
        }
        Replace(newKeys, newValues, writable: true);
    }

    // One by one: a whole shape costs ten times as much.
    private static (long Batch, long Groups, long Width) Sizes(Tensor tensor) => (tensor.size(0), tensor.size(1), tensor.size(3));
}
