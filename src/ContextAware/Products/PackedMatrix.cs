using System.Runtime.CompilerServices;
using ContextAware.Loops;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Products;

/// <summary>A copy of a weight in panels, and the products with it.</summary>
internal sealed unsafe class PackedMatrix : IDisposable
{
    /// <summary>A single row takes what reading the weights takes, in any order.</summary>
    private const long FewestRows = 2;

    /// <summary>Numbers of the weight to look at again at each product.</summary>
    private const int Samples = 16;

    private static readonly ConditionalWeakTable<Tensor, PackedMatrix> Copies = [];

    private readonly Tensor panels;         // [out / panel, in, panel]
    private readonly float* start;
    private readonly int outputs;
    private readonly int inputs;
    private readonly int[] sample = new int[Samples];

    private PackedMatrix(Tensor weight)
    {
        using var scope = NewDisposeScope();
        using var ordinary = inference_mode(false);
        using var noGradient = no_grad();
        (outputs, inputs) = ((int)weight.size(0), (int)weight.size(1));
        var panel = TileProduct.Panel;
        var padded = zeros([Padded.Up(outputs, panel), inputs], ScalarType.Float32, CPU);
        padded.narrow(0, 0, outputs).copy_(weight);
        panels = padded.view(-1, panel, inputs).transpose(1, 2).contiguous().DetachFromDisposeScope();
        start = TensorMemory.Start<float>(panels);
        Look(weight, sample);
    }

    /// <summary>Copies a weight, unless that is done already or can't serve.</summary>
    /// <returns>Whether there is a new copy.</returns>
    internal static bool Add(Tensor weight)
    {
        if (!Serves(weight) || Copies.TryGetValue(weight, out _)) return false;
        Copies.Add(weight, new(weight));
        return true;
    }

    /// <summary>Forgets the copy of a weight.</summary>
    internal static void Remove(Tensor weight)
    {
        if (!Copies.TryGetValue(weight, out var copy)) return;
        Copies.Remove(weight);
        copy.Dispose();
    }

    /// <summary>f(input·weightᵀ + bias) by a copy of the weight.</summary>
    /// <param name="input">[..., in].</param>
    /// <param name="weight">[out, in].</param>
    /// <param name="bias">[out].</param>
    /// <param name="relu">Whether f is max(0, ·); otherwise it changes nothing.</param>
    /// <param name="first">The first output wanted.</param>
    /// <param name="count">How many; null: all from there on.</param>
    /// <returns>[..., count], or null where there is no copy, gradients are kept, or the copy gains nothing or can't serve.</returns>
    /// <exception cref="InvalidOperationException">The weight isn't what it was when it was copied.</exception>
    internal static Tensor? Apply(Tensor input, Tensor weight, Tensor? bias, bool relu = false, long first = 0, long? count = null)
    {
        if (!Copies.TryGetValue(weight, out var copy) || is_grad_enabled() || !Vectors.Serve(input)) return null;
        var shape = input.shape;
        if (shape.Length == 0 || shape[^1] != copy.inputs || input.numel() < FewestRows * copy.inputs) return null;
        if (first % TileProduct.Panel != 0) return null;
        copy.Check(weight);
        return copy.Apply(input, shape, bias, relu, (int)first, (int)(count ?? copy.outputs - first));
    }

    public void Dispose() => panels.Dispose();

    private static bool Serves(Tensor weight) =>
        Vectors.Serve(weight) && weight.Dimensions == 2 && weight.numel() is > 0 and < int.MaxValue / sizeof(float)
        && (weight.is_contiguous() || weight.t().is_contiguous());

    /// <summary>Some numbers of a weight, bit by bit, in the order in which they lie in memory.</summary>
    private static void Look(Tensor weight, Span<int> sample)
    {
        var numbers = TensorMemory.Start<int>(weight);
        var last = weight.numel() - 1;
        for (var i = 0; i < sample.Length; i++)
            sample[i] = numbers[last * i / (sample.Length - 1)];
    }

    private Tensor Apply(Tensor input, long[] shape, Tensor? bias, bool relu, int first, int count)
    {
        using var scope = NewDisposeScope();
        shape[^1] = count;
        var (x, added, result) = (input.contiguous(), bias?.contiguous(), empty(shape, ScalarType.Float32, CPU));
        PanelPass.RunAll(new()
        {
            Rows = result.numel() / count,
            Inputs = inputs,
            Outputs = count,
            Input = TensorMemory.Start<float>(x),
            Weights = start + ((long)first * inputs),
            Bias = added is null ? null : TensorMemory.Start<float>(added) + first,
            Relu = relu,
            Result = TensorMemory.Start<float>(result),
        });
        // The loops have addresses only: until here nothing may free the memory behind them.
        GC.KeepAlive((x, added, result, panels));
        return result.MoveToOuterDisposeScope();
    }

    private void Check(Tensor weight)
    {
        Span<int> now = stackalloc int[Samples];
        if (weight.numel() == (long)outputs * inputs)
        {
            Look(weight, now);
            if (now.SequenceEqual(sample)) return;
        }
        throw new InvalidOperationException(
            $"Expected a weight as it was when {nameof(PackedWeights)} copied it, got another one: dispose {nameof(PackedWeights)} before weights change.");
    }
}
