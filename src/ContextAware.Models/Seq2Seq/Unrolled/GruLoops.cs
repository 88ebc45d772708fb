using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ContextAware.Loops;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Unrolled;

/// <summary>The arithmetic of <see cref="GruSteps"/> in one pass over memory: libtorch would take a dozen.</summary>
/// <remarks>Rows lie anywhere, their numbers side by side. Shapes: B batch, D state width.</remarks>
internal static unsafe class GruLoops
{
    /// <summary>Operations for each number of a state, about.</summary>
    private const long OperationsEach = 32;

    /// <summary>Whether the loops can do it: float32 on the CPU, states of whole vectors.</summary>
    public static bool Serve(Tensor states, long width) => width % Vector256<float>.Count == 0 && Vectors.Serve(states);

    /// <summary>A step.</summary>
    /// <param name="gates">The inputs' part <c>[B,3D]</c>; becomes r, z and n.</param>
    /// <param name="fromState">The state's part <c>[B,3D]</c>.</param>
    /// <param name="bias"><c>[D]</c>.</param>
    /// <param name="before">h <c>[B,D]</c>.</param>
    /// <param name="inner">Takes h_n + b <c>[B,D]</c>.</param>
    /// <param name="after">Takes h' <c>[B,D]</c>.</param>
    public static void Forward(Tensor gates, Tensor fromState, Tensor bias, Tensor before, Tensor inner, Tensor after)
    {
        var (batch, width) = ((int)before.shape[0], (int)before.shape[1]);
        var (g, f, h) = (Rows(gates), Rows(fromState), Rows(before));
        var (x, next, b) = (Rows(inner), Rows(after), Rows(bias.unsqueeze(0)));
        Workers.Run(Workers.For(batch, batch * width * OperationsEach), batch, (_, start, end) =>
        {
            for (var row = start; row < end; row++)
                Forward(g.At(0, 0, row), f.At(0, 0, row), b.At(0, 0), h.At(0, 0, row), g.At(0, 0, row), x.At(0, 0, row), next.At(0, 0, row), width);
        });
        // The loops have addresses only: until here nothing may free the memory behind them.
        GC.KeepAlive((gates, fromState, bias, before, inner, after));
    }

    /// <summary>A step of which nothing is kept but h', without a gradient.</summary>
    /// <param name="gates">The inputs' part <c>[B,3D]</c>.</param>
    /// <param name="fromState">The state's part <c>[B,3D]</c>.</param>
    /// <param name="bias"><c>[D]</c>.</param>
    /// <param name="before">h <c>[B,D]</c>.</param>
    /// <returns>h' <c>[B,D]</c>.</returns>
    public static Tensor Advance(Tensor gates, Tensor fromState, Tensor bias, Tensor before)
    {
        var (batch, width) = ((int)before.shape[0], (int)before.shape[1]);
        var after = fromState.new_empty(batch, width);
        var (g, f, h) = (Rows(gates), Rows(fromState), Rows(before));
        var (next, b) = (Rows(after), Rows(bias.unsqueeze(0)));
        Workers.Run(Workers.For(batch, batch * width * OperationsEach), batch, (_, start, end) =>
        {
            for (var row = start; row < end; row++)
                Forward(g.At(0, 0, row), f.At(0, 0, row), b.At(0, 0), h.At(0, 0, row), null, null, next.At(0, 0, row), width);
        });
        GC.KeepAlive((gates, fromState, bias, before));
        return after;
    }

    /// <summary>A step back.</summary>
    /// <param name="gates">r, z and n <c>[B,3D]</c>.</param>
    /// <param name="before">h <c>[B,D]</c>.</param>
    /// <param name="inner">h_n + b <c>[B,D]</c>.</param>
    /// <param name="gradient">Of h' <c>[B,D]</c>.</param>
    /// <param name="toInput">Takes the gradient of the inputs' part <c>[B,3D]</c>.</param>
    /// <param name="toState">Takes the gradient of the state's part <c>[B,3D]</c>.</param>
    /// <param name="toBias">The gradient of b is added to it <c>[D]</c>.</param>
    /// <returns>The gradient of h that doesn't go through the gates <c>[B,D]</c>.</returns>
    public static Tensor Backward(Tensor gates, Tensor before, Tensor inner, Tensor gradient, Tensor toInput, Tensor toState, Tensor toBias)
    {
        var (batch, width) = ((int)before.shape[0], (int)before.shape[1]);
        var direct = gates.new_empty(batch, width);
        using var scope = NewDisposeScope();
        var (g, h, x, dh) = (Rows(gates), Rows(before), Rows(inner), Rows(gradient));
        var (di, ds, rest) = (Rows(toInput), Rows(toState), Rows(direct));
        var threads = Workers.For(batch, batch * width * OperationsEach);
        var parts = gates.new_zeros(threads, width);
        var db = Rows(parts);
        Workers.Run(threads, batch, (thread, start, end) =>
        {
            for (var row = start; row < end; row++)
            {
                Backward(
                    g.At(0, 0, row), h.At(0, 0, row), x.At(0, 0, row), dh.At(0, 0, row),
                    di.At(0, 0, row), ds.At(0, 0, row), db.At(0, 0, thread), rest.At(0, 0, row), width);
            }
        });
        toBias.add_(parts.sum(0L));
        GC.KeepAlive((gates, before, inner, gradient, toInput, toState));
        return direct;
    }

    private static HeadRows<float> Rows(Tensor tensor) => HeadRows<float>.OfMatrix(tensor);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Forward(float* gates, float* fromState, float* bias, float* before, float* activated, float* inner, float* after, int width)
    {
        var two = Vector256.Create(2f);
        for (var i = 0; i < width; i += Vector256<float>.Count)
        {
            var reset = Vectors.Sigmoid(Vector256.Load(gates + i) + Vector256.Load(fromState + i));
            var update = Vectors.Sigmoid(Vector256.Load(gates + width + i) + Vector256.Load(fromState + width + i));
            var x = Vector256.Load(fromState + (2 * width) + i) + Vector256.Load(bias + i);
            var candidate = Vector256.FusedMultiplyAdd(reset, x, Vector256.Load(gates + (2 * width) + i));
            candidate = Vector256.FusedMultiplyAdd(two, Vectors.Sigmoid(candidate * two), -Vector256<float>.One);      // tanh
            if (activated is not null)
            {
                reset.Store(activated + i);
                update.Store(activated + width + i);
                candidate.Store(activated + (2 * width) + i);
                x.Store(inner + i);
            }
            Vector256.FusedMultiplyAdd(update, Vector256.Load(before + i) - candidate, candidate).Store(after + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Backward(
        float* gates, float* before, float* inner, float* gradient, float* toInput, float* toState, float* toBias, float* direct, int width)
    {
        for (var i = 0; i < width; i += Vector256<float>.Count)
        {
            var (reset, update, candidate) = (Vector256.Load(gates + i), Vector256.Load(gates + width + i), Vector256.Load(gates + (2 * width) + i));
            var slope = Vector256.Load(gradient + i);
            var kept = slope * update;
            var toCandidate = (slope - kept) * (Vector256<float>.One - (candidate * candidate));       // dh (1 − z)(1 − n²)
            var toReset = toCandidate * Vector256.Load(inner + i) * (reset - (reset * reset));
            var toUpdate = slope * (Vector256.Load(before + i) - candidate) * (update - (update * update));
            var throughReset = toCandidate * reset;
            kept.Store(direct + i);
            toReset.Store(toInput + i);
            toUpdate.Store(toInput + width + i);
            toCandidate.Store(toInput + (2 * width) + i);
            toReset.Store(toState + i);
            toUpdate.Store(toState + width + i);
            throughReset.Store(toState + (2 * width) + i);
            (Vector256.Load(toBias + i) + throughReset).Store(toBias + i);
        }
    }
}
