using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ContextAware.Loops;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Training;

/// <summary>
/// What a step does to every weight, by loops of ours: each number is read and written once, where a dozen operations of
/// libtorch go through all of memory as often.
/// </summary>
/// <remarks>They cut weights into pieces of one size, whatever the number of threads, so that sums come out the same.</remarks>
internal static unsafe class WeightLoops
{
    private const int PieceLength = 1 << 14;

    /// <summary>Whether the loops can work on a parameter and on all that belongs to it.</summary>
    internal static bool Serve(Tensor parameter) => Vectors.Serve(parameter) && parameter.is_contiguous();

    /// <summary>The sum of the squares of all numbers of some tensors.</summary>
    /// <param name="tensors">As <see cref="Serve"/> wants them.</param>
    internal static double SumOfSquares(IReadOnlyList<Tensor> tensors)
    {
        var pieces = Pieces(tensors);
        var sums = new double[pieces.Count];
        Do(pieces, i => sums[i] = Squares(pieces[i].At<float>(0), pieces[i].Length));
        GC.KeepAlive(tensors);
        return sums.Sum();
    }

    /// <summary>Moves weights by Adam's rule: Kingma and Ba 2015 (arXiv 1412.6980), algorithm 1.</summary>
    /// <param name="weights">Those that have a gradient.</param>
    /// <param name="gradients">Their gradients.</param>
    /// <param name="averages">The averages of the gradients.</param>
    /// <param name="squares">The averages of their squares.</param>
    /// <param name="factors">For each weight what goes into the rule.</param>
    internal static void Move(
        IReadOnlyList<Tensor> weights, IReadOnlyList<Tensor> gradients, IReadOnlyList<Tensor> averages, IReadOnlyList<Tensor> squares, IReadOnlyList<AdamFactors> factors)
    {
        var pieces = Pieces(weights, gradients, averages, squares);
        Do(pieces, i =>
        {
            var piece = pieces[i];
            Move(piece.At<float>(0), piece.At<float>(1), piece.At<float>(2), piece.At<float>(3), piece.Length, factors[piece.Tensor]);
        });
        GC.KeepAlive((weights, gradients, averages, squares));
    }

    /// <summary>Moves each tensor of the first towards that of the second: first · decay + second · (1 − decay).</summary>
    internal static void Follow(IReadOnlyList<Tensor> followers, IReadOnlyList<Tensor> leaders, double decay)
    {
        var pieces = Pieces(followers, leaders);
        Do(pieces, i => Follow(pieces[i].At<float>(0), pieces[i].At<float>(1), pieces[i].Length, (float)(1 - decay)));
        GC.KeepAlive((followers, leaders));
    }

    /// <summary>Adds tensors up, in their order.</summary>
    /// <param name="sum">Takes the sum; it may be one of them.</param>
    /// <param name="parts">At least one.</param>
    internal static void Sum(Tensor sum, IReadOnlyList<Tensor> parts)
    {
        var pieces = Pieces([[sum], .. parts.Select(part => new[] { part })]);
        Do(pieces, i =>
        {
            var piece = pieces[i];
            var bytes = (long)piece.Length * sizeof(float);
            if (piece.At<float>(0) != piece.At<float>(1)) Buffer.MemoryCopy(piece.At<float>(1), piece.At<float>(0), bytes, bytes);
            for (var part = 2; part < piece.Starts.Length; part++) Vectors.AddScaled(piece.At<float>(part), 1, piece.At<float>(0), piece.Length);
        });
        GC.KeepAlive((sum, parts));
    }

    private static void Do(List<Piece> pieces, Action<int> work) =>
        Workers.Run(Workers.For(pieces.Count, pieces.Sum(piece => (long)piece.Length) * 16), pieces.Count, (_, start, end) =>
        {
            for (var i = start; i < end; i++) work((int)i);
        });

    private static List<Piece> Pieces(params IReadOnlyList<Tensor>[] groups)
    {
        var pieces = new List<Piece>();
        for (var tensor = 0; tensor < groups[0].Count; tensor++)
        {
            var length = groups[0][tensor].numel();
            if (length == 0) continue;
            var starts = Array.ConvertAll(groups, group => (nint)TensorMemory.Start<float>(group[tensor]));
            for (var first = 0L; first < length; first += PieceLength)
                pieces.Add(new(tensor, starts, first, (int)Math.Min(PieceLength, length - first)));
        }

        return pieces;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Squares(float* numbers, int count)
    {
        var (first, second) = (Vector256<float>.Zero, Vector256<float>.Zero);
        var i = 0;
        for (; i <= count - 16; i += 16)
        {
            var (a, b) = (Vector256.Load(numbers + i), Vector256.Load(numbers + i + 8));
            first = Vector256.FusedMultiplyAdd(a, a, first);
            second = Vector256.FusedMultiplyAdd(b, b, second);
        }

        double sum = Vector256.Sum(first + second);
        for (; i < count; i++) sum += numbers[i] * numbers[i];
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Move(float* weights, float* gradients, float* averages, float* squares, int count, AdamFactors factors)
    {
        var (scale, pull, keep) = (Vector256.Create(factors.Scale), Vector256.Create(factors.Pull), Vector256.Create(factors.Keep));
        var (toAverage, toSquare) = (Vector256.Create(factors.ToAverage), Vector256.Create(factors.ToSquare));
        var (rate, root, least) = (Vector256.Create(factors.Rate), Vector256.Create(factors.Root), Vector256.Create(factors.Least));
        var i = 0;
        for (; i <= count - 8; i += 8)
        {
            var weight = Vector256.Load(weights + i);
            var gradient = Vector256.FusedMultiplyAdd(weight, pull, Vector256.Load(gradients + i) * scale);
            var average = Vector256.Load(averages + i);
            average = Vector256.FusedMultiplyAdd(gradient - average, toAverage, average);
            average.Store(averages + i);
            var square = Vector256.Load(squares + i);
            square = Vector256.FusedMultiplyAdd((gradient * gradient) - square, toSquare, square);
            square.Store(squares + i);
            var change = average / Vector256.FusedMultiplyAdd(Vector256.Sqrt(square), root, least);
            Vector256.FusedMultiplyAdd(change, rate, weight * keep).Store(weights + i);
        }

        for (; i < count; i++)
        {
            var gradient = float.FusedMultiplyAdd(weights[i], factors.Pull, gradients[i] * factors.Scale);
            averages[i] = float.FusedMultiplyAdd(gradient - averages[i], factors.ToAverage, averages[i]);
            squares[i] = float.FusedMultiplyAdd((gradient * gradient) - squares[i], factors.ToSquare, squares[i]);
            var change = averages[i] / float.FusedMultiplyAdd(MathF.Sqrt(squares[i]), factors.Root, factors.Least);
            weights[i] = float.FusedMultiplyAdd(change, factors.Rate, weights[i] * factors.Keep);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Follow(float* followers, float* leaders, int count, float share)
    {
        var shares = Vector256.Create(share);
        var i = 0;
        for (; i <= count - 8; i += 8)
        {
            var follower = Vector256.Load(followers + i);
            Vector256.FusedMultiplyAdd(Vector256.Load(leaders + i) - follower, shares, follower).Store(followers + i);
        }

        for (; i < count; i++) followers[i] = float.FusedMultiplyAdd(leaders[i] - followers[i], share, followers[i]);
    }

    /// <summary>A part of a tensor, and the same part of those that belong to it.</summary>
    private readonly record struct Piece(int Tensor, nint[] Starts, long First, int Length)
    {
        public T* At<T>(int group)
            where T : unmanaged => (T*)Starts[group] + First;
    }
}
