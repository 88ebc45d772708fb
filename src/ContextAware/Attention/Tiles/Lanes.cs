using System.Runtime.Intrinsics;

namespace ContextAware.Attention.Tiles;

/// <summary>Numbers that a processor computes with at once: what the products need of a vector, whatever its length.</summary>
internal unsafe interface ILanes<TSelf>
    where TSelf : unmanaged, ILanes<TSelf>
{
    /// <summary>How many numbers.</summary>
    static abstract int Count { get; }

    static abstract TSelf Zero { get; }

    static abstract TSelf Load(float* from);

    /// <summary>The same number in all lanes.</summary>
    static abstract TSelf All(float number);

    /// <summary>left·right + sum, rounded once.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf sum);

    static abstract TSelf Add(TSelf left, TSelf right);

    void Store(float* to);
}

/// <summary>Eight numbers.</summary>
internal readonly unsafe struct Lanes256(Vector256<float> lanes) : ILanes<Lanes256>
{
    private readonly Vector256<float> lanes = lanes;

    public static int Count => 8;

    public static Lanes256 Zero => new(Vector256<float>.Zero);

    public static Lanes256 Load(float* from) => new(Vector256.Load(from));

    public static Lanes256 All(float number) => new(Vector256.Create(number));

    public static Lanes256 Add(Lanes256 left, Lanes256 right) => new(left.lanes + right.lanes);

    public static Lanes256 MultiplyAdd(Lanes256 left, Lanes256 right, Lanes256 sum) => new(Vector256.FusedMultiplyAdd(left.lanes, right.lanes, sum.lanes));

    public void Store(float* to) => lanes.Store(to);
}

/// <summary>Sixteen numbers.</summary>
internal readonly unsafe struct Lanes512(Vector512<float> lanes) : ILanes<Lanes512>
{
    private readonly Vector512<float> lanes = lanes;

    public static int Count => 16;

    public static Lanes512 Zero => new(Vector512<float>.Zero);

    public static Lanes512 Load(float* from) => new(Vector512.Load(from));

    public static Lanes512 All(float number) => new(Vector512.Create(number));

    public static Lanes512 Add(Lanes512 left, Lanes512 right) => new(left.lanes + right.lanes);

    public static Lanes512 MultiplyAdd(Lanes512 left, Lanes512 right, Lanes512 sum) => new(Vector512.FusedMultiplyAdd(left.lanes, right.lanes, sum.lanes));

    public void Store(float* to) => lanes.Store(to);
}
