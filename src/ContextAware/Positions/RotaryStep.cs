using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Positions;

/// <summary>
/// The turn of one position as a matrix [E, E], so that a decoding step turns heads with one product. Each thread keeps its
/// last one: the layers of a model ask for the same position one after another. What a thread that has ended kept goes with it.
/// </summary>
internal sealed class RotaryStep(RotaryEmbedding rotary) : IDisposable
{
    private ThreadLocal<Kept?> last = new();

    internal Tensor Matrix(long position, ScalarType type, Device device)
    {
        var place = (type, device.type, device.index);
        var mine = Volatile.Read(ref last);
        if (mine.Value is { } kept && kept.Place == place)
            return kept.Matrix(position);
        var made = new Kept(rotary, type, device);
        mine.Value?.Dispose();
        mine.Value = made;
        return made.Matrix(position);
    }

    /// <summary>Gives the matrices up; they are made again when they are needed again. Other threads may be using theirs.</summary>
    public void Dispose() => Interlocked.Exchange(ref last, new()).Value?.Dispose();

    // Turning every unit vector gives the matrix row by row. All is made outside any inference mode, as the tables are.
    private sealed class Kept : IDisposable
    {
        private readonly RotaryEmbedding rotary;
        private readonly Device device;
        private readonly Tensor units;
        private readonly Tensor partners;
        private long position = -1;
        private Tensor? matrix;

        internal Kept(RotaryEmbedding rotary, ScalarType type, Device device)
        {
            (this.rotary, this.device) = (rotary, device);
            Place = (type, device.type, device.index);
            using var scope = NewDisposeScope();
            using var ordinary = inference_mode(false);
            // Made of float32, as old versions of libtorch have no other on the CPU for bfloat16.
            units = eye(rotary.HeadWidth, rotary.HeadWidth, ScalarType.Float32, device).to(type).DetachFromDisposeScope();
            partners = rotary.Partners(units).DetachFromDisposeScope();
        }

        internal (ScalarType Type, DeviceType, int) Place { get; }

        internal Tensor Matrix(long position)
        {
            if (matrix is not null && this.position == position)
                return matrix;
            using var scope = NewDisposeScope();
            using var ordinary = inference_mode(false);
            var turned = RotaryEmbedding.Turn(units, partners, rotary.Angles(position, 1, Place.Type, device));
            matrix?.Dispose();
            matrix = turned.DetachFromDisposeScope();
            this.position = position;
            return matrix;
        }

        public void Dispose()
        {
            units.Dispose();
            partners.Dispose();
            matrix?.Dispose();
        }
    }
}
