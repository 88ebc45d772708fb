using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Positions;

/// <summary>
/// The turn of one position as a matrix [E, E], so that a decoding step turns heads with one product. Each thread keeps its
/// last one: the layers of a model ask for the same position one after another.
/// </summary>
internal sealed class RotaryStep(RotaryEmbedding rotary) : IDisposable
{
    private readonly ThreadLocal<Made?> last = new(trackAllValues: true);

    internal Tensor Matrix(long position, ScalarType type, Device device)
    {
        var key = (position, type, device.type, device.index);
        if (last.Value is { } made && made.Key == key)
            return made.Matrix;
        last.Value?.Matrix.Dispose();
        last.Value = null;
        last.Value = new(key, Build(position, type, device));
        return last.Value.Matrix;
    }

    /// <summary>Frees the matrices; they are made again when they are needed again.</summary>
    public void Dispose()
    {
        foreach (var made in last.Values)
            made?.Matrix.Dispose();
        last.Value = null;
    }

    // Turning each unit vector gives the matrix row by row. Made outside any inference mode, as the tables are.
    private Tensor Build(long position, ScalarType type, Device device)
    {
        using var scope = NewDisposeScope();
        using var ordinary = inference_mode(false);
        using var noGradient = no_grad();
        var units = eye(rotary.HeadWidth, rotary.HeadWidth, type, device);
        return rotary.Rotate(units, rotary.Angles(position, 1, type, device)).DetachFromDisposeScope();
    }

    private sealed record Made((long, ScalarType, DeviceType, int) Key, Tensor Matrix);
}
