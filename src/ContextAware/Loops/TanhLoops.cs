using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Loops;

/// <summary>
/// Σ_h v[h]·tanh(q[h] + k[h]) and its gradients with nothing of the size [B,T,S,H] in memory: what lies in between stays in registers,
/// and the backward pass computes it again.
/// </summary>
/// <remarks>With a = σ(2q + 2k): tanh(q + k) = 2a − 1. Keys come doubled.</remarks>
internal static unsafe class TanhLoops
{
    /// <summary>Operations that a σ takes, about.</summary>
    private const long OperationsEach = 4;

    /// <summary>Whether the loops can do it.</summary>
    internal static bool Serve(Tensor query, Tensor doubledKey, Tensor vector) =>
        Vectors.Serve(query) && Vectors.Serve(doubledKey) && Vectors.Serve(vector) && doubledKey.numel() > 0 && query.numel() > 0;

    /// <summary>2·Σ_h v[h]·σ(2q + 2k) − Σ_h v[h].</summary>
    /// <param name="query">q <c>[B,T,H]</c>.</param>
    /// <param name="doubledKey">2k <c>[B,S,H]</c>.</param>
    /// <param name="vector">v <c>[H]</c>.</param>
    /// <returns><c>[B,T,S]</c>.</returns>
    internal static Tensor Scores(Tensor query, Tensor doubledKey, Tensor vector)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (shape, keys) = (query.shape, doubledKey.size(1));
        var (batch, queries, width) = (shape[0], shape[1], shape[2]);
        var scores = empty([batch, queries, keys], float32, CPU);
        var q = Rows(query, batch, queries, width);
        var k = Rows(doubledKey, batch, keys, width);
        var v = HeadRows<float>.Of(vector.contiguous().view(1, 1, 1, width), 1, 1, 1, width);
        var to = Target(scores, batch, queries, keys);
        Workers.Run(Workers.For(batch * queries, batch * queries * keys * width * OperationsEach), batch * queries, (_, start, end) =>
        {
            for (var row = start; row < end; row++)
                Score(q.At(row / queries, 0, row % queries), k.At(row / queries, 0), k.Stride, v.At(0, 0), (int)keys, (int)width, to.At(row / queries, 0, row % queries));
        });
        return scores.MoveToOuterDisposeScope();
    }

    /// <summary>Adds to the gradients, given g <c>[B,T,S]</c>, that of the scores.</summary>
    /// <param name="query">q <c>[B,T,H]</c>.</param>
    /// <param name="doubledKey">2k <c>[B,S,H]</c>.</param>
    /// <param name="gradient">g.</param>
    /// <param name="toQuery">Σ_s g·a(1 − a) <c>[B,T,H]</c>, overwritten: a fourth of the gradient of q, but for v.</param>
    /// <param name="toKey">Σ_t g·a(1 − a) <c>[B,S,H]</c>, added to: half of that of 2k, but for v.</param>
    /// <param name="toVector">Σ g·a <c>[H]</c>, added to: half of that of v, which is 2Σ g·a − Σ g.</param>
    internal static void Differentiate(Tensor query, Tensor doubledKey, Tensor gradient, Tensor toQuery, Tensor toKey, Tensor toVector)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (shape, keys) = (query.shape, doubledKey.size(1));
        var (batch, queries, width) = (shape[0], shape[1], shape[2]);
        var (q, k) = (Rows(query, batch, queries, width), Rows(doubledKey, batch, keys, width));
        var g = Rows(gradient, batch, queries, keys);
        var (dq, dk) = (Target(toQuery, batch, queries, width), Target(toKey, batch, keys, width));
        var threads = Workers.For(batch, batch * queries * keys * width * OperationsEach);
        var parts = zeros([threads, width], float32, CPU);
        var dv = HeadRows<float>.Of(parts.view(threads, 1, 1, width), threads, 1, 1, width);
        Workers.Run(threads, batch, (thread, start, end) =>
        {
            for (var row = start * queries; row < end * queries; row++)
            {
                var (b, t) = (row / queries, row % queries);
                Differentiate(q.At(b, 0, t), k.At(b, 0), k.Stride, g.At(b, 0, t), (int)keys, (int)width, dq.At(b, 0, t), dk.At(b, 0), dk.Stride, dv.At(thread, 0));
            }
        });
        toVector.add_(parts.sum(0L));
    }

    private static HeadRows<float> Rows(Tensor tensor, long batch, long rows, long columns) =>
        HeadRows<float>.Of(HeadRows<float>.SideBySide(tensor.unsqueeze(1), columns), batch, 1, rows, columns);

    private static HeadRows<float> Target(Tensor tensor, long batch, long rows, long columns) => HeadRows<float>.Of(tensor.unsqueeze(1), batch, 1, rows, columns);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score(float* query, float* key, long stride, float* vector, int keys, int width, float* to)
    {
        for (var s = 0; s < keys; s++, key += stride)
        {
            // 2v·a − v = v·(2a − 1), summed as such: the parts nearly cancel where tanh is small.
            var sums = Vector256<float>.Zero;
            var i = 0;
            for (; i <= width - 8; i += 8)
                sums = Vector256.FusedMultiplyAdd(Vector256.Load(vector + i), Tanh(query + i, key + i), sums);
            var sum = Vector256.Sum(sums);
            for (; i < width; i++)
                sum += vector[i] * ((2 * Sigmoid(query[i], key[i])) - 1);
            to[s] = sum;
        }
    }

    /// <summary>tanh(q + k) = 2a − 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Tanh(float* query, float* doubledKey) => Vector256.FusedMultiplyAdd(Vector256.Create(2f), Active(query, doubledKey), -Vector256<float>.One);

    /// <summary>a.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Active(float* query, float* doubledKey) =>
        Vectors.Sigmoid(Vector256.FusedMultiplyAdd(Vector256.Create(2f), Vector256.Load(query), Vector256.Load(doubledKey)));

    private static float Sigmoid(float query, float doubledKey) => 1 / (1 + MathF.Exp(-((2 * query) + doubledKey)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Differentiate(
        float* query, float* key, long stride, float* gradient, int keys, int width, float* toQuery, float* toKey, long toStride, float* toVector)
    {
        var i = 0;
        for (; i <= width - 8; i += 8)
        {
            var (queryPart, vectorPart) = (Vector256<float>.Zero, Vector256.Load(toVector + i));
            var (from, to) = ((nint)(key + i), (nint)(toKey + i));
            for (var s = 0; s < keys; s++, from += (nint)stride * sizeof(float), to += (nint)toStride * sizeof(float))
            {
                var active = Active(query + i, (float*)from);
                var part = Vector256.Create(gradient[s]) * active;                         // g·a
                var slope = part - (part * active);                                        // g·a(1 − a)
                queryPart += slope;
                vectorPart += part;
                (Vector256.Load((float*)to) + slope).Store((float*)to);
            }
            queryPart.Store(toQuery + i);
            vectorPart.Store(toVector + i);
        }
        for (; i < width; i++)
        {
            var queryPart = 0f;
            for (var s = 0; s < keys; s++)
            {
                var part = gradient[s] * Sigmoid(query[i], key[(s * stride) + i]);
                var slope = part - (part * Sigmoid(query[i], key[(s * stride) + i]));
                queryPart += slope;
                toVector[i] += part;
                toKey[(s * toStride) + i] += slope;
            }
            toQuery[i] = queryPart;
        }
    }
}
