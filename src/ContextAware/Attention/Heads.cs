using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>Cuts the model width into heads, and puts heads back together. Each is the other's exact inverse.</summary>
public static class Heads
{
    /// <summary>[B, L, H·E] → [B, H, L, E], without copying.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="heads"/> is not positive.</exception>
    /// <exception cref="ArgumentException">The tensor has not three dimensions, or its width can't be divided.</exception>
    public static Tensor Split(Tensor tensor, long heads)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        var shape = tensor.shape;
        if (shape.Length != 3)
            throw new ArgumentException($"Expected [B, L, H·E], got {ShapeText.Of(shape)}.", nameof(tensor));
        if (shape[2] % heads != 0)
            throw new ArgumentException($"Expected a width that {heads} heads divide, got {shape[2]}.", nameof(tensor));
        return Split(tensor, heads, shape[2] / heads);
    }

    /// <summary>[B, H, L, E] → [B, L, H·E]; without copying where the memory lies so, as it does after <see cref="Split(Tensor, long)"/>.</summary>
    /// <exception cref="ArgumentException">The tensor has not four dimensions.</exception>
    public static Tensor Combine(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        var shape = tensor.shape;
        if (shape.Length != 4)
            throw new ArgumentException($"Expected [B, H, L, E], got {ShapeText.Of(shape)}.", nameof(tensor));
        using var scope = NewDisposeScope();
        var together = tensor.transpose(1, 2);                                         // [B, L, H, E]
        return together.reshape(shape[0], shape[2], shape[1] * shape[3]).MoveToOuterDisposeScope();   // [B, L, H·E]
    }

    /// <summary>[B, L, H·E] → [B, H, L, E] for sizes that are known to fit.</summary>
    internal static Tensor Split(Tensor tensor, long heads, long width)
    {
        using var scope = NewDisposeScope();
        return tensor.unflatten(2, heads, width).transpose(1, 2).MoveToOuterDisposeScope();
    }
}
