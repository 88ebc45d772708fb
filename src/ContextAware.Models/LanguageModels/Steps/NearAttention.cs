using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.LanguageModels.Steps;

/// <summary>
/// Attention of one position over few keys, in float32 on the CPU: plain loops over the memory of tensors. libtorch would take
/// two small products for each head, and more time for the calls than for the numbers.
/// </summary>
/// <remarks>Shapes: H heads, G key-value heads, E head width, C capacity of the memory, S key length.</remarks>
internal sealed class NearAttention(HeadCounts sizes, long capacity)
{
    /// <summary>Up to so many numbers of keys; more are worth the threads of a product.</summary>
    private const long MostNumbers = 1 << 17;

    private readonly (int Heads, int Groups, int Width, int Capacity) sizes = ((int)sizes.Heads, (int)sizes.Groups, (int)sizes.HeadWidth, (int)capacity);
    private readonly float[] weights = new float[Math.Min(capacity, MostNumbers)];

    /// <summary>Whether a memory can be read by loops: float32 on the CPU, no more of it than a span holds.</summary>
    internal static bool Reads(Tensor memory) =>
        memory.dtype == ScalarType.Float32 && memory.device_type == DeviceType.CPU && memory.numel() <= int.MaxValue / sizeof(float);

    /// <summary>Whether the keys are few enough.</summary>
    internal bool Serves(long length) => length * sizes.Groups * sizes.Width <= MostNumbers;

    /// <summary>Attends.</summary>
    /// <param name="query">[H, E], scaled.</param>
    /// <param name="memory">[2G, C, E]: keys, then values.</param>
    /// <param name="length">S.</param>
    /// <param name="context">[H, E], overwritten.</param>
    internal void Attend(ReadOnlySpan<float> query, ReadOnlySpan<float> memory, int length, Span<float> context)
    {
        var (heads, groups, width, capacity) = sizes;
        for (var head = 0; head < heads; head++)
        {
            var group = head / (heads / groups);
            var keys = memory.Slice(group * capacity * width, length * width);             // [S, E]
            var values = memory.Slice((groups + group) * capacity * width, length * width);
            AttendHead(query.Slice(head * width, width), keys, values, weights.AsSpan(0, length), context.Slice(head * width, width));
        }
    }

    private static void AttendHead(ReadOnlySpan<float> query, ReadOnlySpan<float> keys, ReadOnlySpan<float> values, Span<float> weights, Span<float> context)
    {
        var largest = float.NegativeInfinity;
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = Dot(query, keys.Slice(i * query.Length, query.Length));
            largest = MathF.Max(largest, weights[i]);                                      // NaN stays
        }

        var sum = 0f;
        context.Clear();
        for (var i = 0; i < weights.Length; i++)
        {
            var weight = MathF.Exp(weights[i] - largest);
            sum += weight;
            AddScaled(context, values.Slice(i * context.Length, context.Length), weight);
        }

        Scale(context, 1 / sum);
    }

    private static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var a = MemoryMarshal.Cast<float, Vector<float>>(left);
        var b = MemoryMarshal.Cast<float, Vector<float>>(right);
        var parts = Vector<float>.Zero;
        for (var i = 0; i < a.Length; i++) parts += a[i] * b[i];
        var sum = Vector.Sum(parts);
        for (var i = a.Length * Vector<float>.Count; i < left.Length; i++) sum += left[i] * right[i];
        return sum;
    }

    private static void AddScaled(Span<float> sum, ReadOnlySpan<float> change, float factor)
    {
        var a = MemoryMarshal.Cast<float, Vector<float>>(sum);
        var b = MemoryMarshal.Cast<float, Vector<float>>(change);
        for (var i = 0; i < a.Length; i++) a[i] += b[i] * factor;
        for (var i = a.Length * Vector<float>.Count; i < sum.Length; i++) sum[i] += change[i] * factor;
    }

    private static void Scale(Span<float> numbers, float factor)
    {
        foreach (ref var number in numbers) number *= factor;
    }
}
