using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Loops;

/// <summary>
/// Weighted sums over few keys: a batched product of few rows is a loop of tiny products in a libtorch
/// without MKL, each of which takes longer to call than to compute.
/// </summary>
internal static unsafe class SumLoops
{
    /// <summary>Multiplications of one batch row up to which these loops win over a product.</summary>
    private const long FewEnough = 1 << 16;

    /// <summary>Whether the loops can do it, and are worth it: not where autograd is to follow.</summary>
    internal static bool Serve(Tensor weights, Tensor values)
    {
        if (!Vectors.Serve(weights) || !Vectors.Serve(values) || (is_grad_enabled() && (weights.requires_grad || values.requires_grad)))
            return false;
        var (shape, width) = (weights.shape, values.shape[^1]);
        return shape[0] > 1 && shape[^2] * shape[^1] * width is > 0 and <= FewEnough;
    }

    /// <summary>Σ_s weight·value, by loops or by a product: <c>[B,T,S]</c> and <c>[B,S,C]</c> → <c>[B,T,C]</c>.</summary>
    internal static Tensor Over(Tensor weights, Tensor values) => Serve(weights, values) ? Sums(weights, values) : bmm(weights, values);

    /// <summary>Σ_s weight·value by loops, without a gradient.</summary>
    internal static Tensor Sums(Tensor weights, Tensor values)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (shape, width) = (weights.shape, values.shape[2]);
        var (batch, queries, keys) = (shape[0], shape[1], shape[2]);
        var sums = empty([batch, queries, width], float32, CPU);
        var w = HeadRows<float>.Of(HeadRows<float>.SideBySide(weights.unsqueeze(1), keys), batch, 1, queries, keys);
        var v = HeadRows<float>.Of(HeadRows<float>.SideBySide(values.unsqueeze(1), width), batch, 1, keys, width);
        var to = HeadRows<float>.Of(sums.unsqueeze(1), batch, 1, queries, width);
        Workers.Run(Workers.For(batch, batch * queries * keys * width), batch, (_, start, end) =>
        {
            for (var b = start; b < end; b++)
            {
                for (var t = 0L; t < queries; t++)
                    Sum(w.At(b, 0, t), v.At(b, 0), v.Stride, (int)keys, (int)width, to.At(b, 0, t));
            }
        });
        return sums.MoveToOuterDisposeScope();
    }

    /// <summary>The gradient of the weights, given that of the sums: <c>[B,T,C]</c> and <c>[B,S,C]</c> → <c>[B,T,S]</c>.</summary>
    internal static Tensor Products(Tensor gradient, Tensor values)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (shape, keys) = (gradient.shape, values.shape[1]);
        var (batch, queries, width) = (shape[0], shape[1], shape[2]);
        var products = empty([batch, queries, keys], float32, CPU);
        var g = HeadRows<float>.Of(HeadRows<float>.SideBySide(gradient.unsqueeze(1), width), batch, 1, queries, width);
        var v = HeadRows<float>.Of(HeadRows<float>.SideBySide(values.unsqueeze(1), width), batch, 1, keys, width);
        var to = HeadRows<float>.Of(products.unsqueeze(1), batch, 1, queries, keys);
        Workers.Run(Workers.For(batch, batch * queries * keys * width), batch, (_, start, end) =>
        {
            for (var b = start; b < end; b++)
            {
                for (var t = 0L; t < queries; t++)
                {
                    var (row, target) = ((nint)g.At(b, 0, t), (nint)to.At(b, 0, t));
                    for (var s = 0L; s < keys; s++)
                        ((float*)target)[s] = Vectors.Dot((float*)row, v.At(b, 0, s), (int)width);
                }
            }
        });
        return products.MoveToOuterDisposeScope();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum(float* weights, float* values, long stride, int keys, int width, float* to)
    {
        var i = 0;
        for (; i <= width - 16; i += 16)
        {
            var (first, second) = (Vector256<float>.Zero, Vector256<float>.Zero);
            var value = values + i;
            for (var s = 0; s < keys; s++, value += stride)
            {
                var weight = Vector256.Create(weights[s]);
                first = Vector256.FusedMultiplyAdd(weight, Vector256.Load(value), first);
                second = Vector256.FusedMultiplyAdd(weight, Vector256.Load(value + 8), second);
            }
            first.Store(to + i);
            second.Store(to + i + 8);
        }
        for (; i < width; i++)
        {
            var sum = 0f;
            for (var s = 0; s < keys; s++)
                sum += weights[s] * values[(s * stride) + i];
            to[i] = sum;
        }
    }
}
