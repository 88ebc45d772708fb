using System.Runtime.Intrinsics;

namespace ContextAware.Products;

/// <summary>What the products need of a vector, whatever its length.</summary>
/// <typeparam name="TVector">Numbers that a processor computes with at once: as it is and in no struct of ours, since only then
/// does each sum keep one register from summand to summand.</typeparam>
internal unsafe interface ILanes<TVector>
    where TVector : unmanaged
{
    /// <summary>How many numbers.</summary>
    static abstract int Count { get; }

    static abstract TVector Load(float* from);

    /// <summary>The same number in all lanes.</summary>
    static abstract TVector All(float number);

    /// <summary>left·right + sum, rounded once.</summary>
    static abstract TVector MultiplyAdd(TVector left, TVector right, TVector sum);

    static abstract TVector Add(TVector left, TVector right);

    static abstract void Store(TVector vector, float* to);
}

/// <summary>Eight numbers.</summary>
internal readonly unsafe struct Lanes256 : ILanes<Vector256<float>>
{
    public static int Count => 8;

    public static Vector256<float> Load(float* from) => Vector256.Load(from);

    public static Vector256<float> All(float number) => Vector256.Create(number);

    public static Vector256<float> MultiplyAdd(Vector256<float> left, Vector256<float> right, Vector256<float> sum) => Vector256.FusedMultiplyAdd(left, right, sum);

    public static Vector256<float> Add(Vector256<float> left, Vector256<float> right) => left + right;

    public static void Store(Vector256<float> vector, float* to) => vector.Store(to);
}

/// <summary>Sixteen numbers.</summary>
internal readonly unsafe struct Lanes512 : ILanes<Vector512<float>>
{
    public static int Count => 16;

    public static Vector512<float> Load(float* from) => Vector512.Load(from);

    public static Vector512<float> All(float number) => Vector512.Create(number);

    public static Vector512<float> MultiplyAdd(Vector512<float> left, Vector512<float> right, Vector512<float> sum) => Vector512.FusedMultiplyAdd(left, right, sum);

    public static Vector512<float> Add(Vector512<float> left, Vector512<float> right) => left + right;

    public static void Store(Vector512<float> vector, float* to) => vector.Store(to);
}
