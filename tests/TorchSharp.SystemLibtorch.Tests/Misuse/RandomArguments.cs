using System.Reflection;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Misuse;

/// <summary>Arguments for any method of the API, more wrong than right, each with a word for the report.</summary>
internal sealed class RandomArguments(Random random)
{
    // Small, or so large that no machine has the memory: nothing between, which would only be slow.
    private static readonly long[] s_sizes = [-1, 0, 1, 2, 3, 4, 5, -2, -3, 1L << 50, 1L << 62, long.MaxValue, long.MinValue];

    private static readonly int[] s_counts = [-1, 0, 1, 2, 3, 5, -7, int.MinValue];

    private static readonly double[] s_numbers = [0, 1, -1, 0.5, 2, 3, double.NaN, double.PositiveInfinity, 1e300, -1e300, 1e-300];

    private static readonly string[] s_words = ["", "none", "mean", "sum", "ij,jk->ik", "nearest", "bilinear", "reflect", "relu", "nonsense", "ij->", null!];

    private static readonly (string Name, Func<Tensor> Make)[] s_tensors =
    [
        ("null", () => null!),
        ("disposed", Disposed),
        ("float[2,3]", () => rand(2, 3)),
        ("float[2,3] with gradient", () => rand(2, 3, requires_grad: true)),
        ("float[3]", () => rand(3)),
        ("float[3,3]", () => rand(3, 3)),
        ("float[]", () => tensor(0.5f)),
        ("float[0]", () => zeros(0)),
        ("float[0,3]", () => zeros(0, 3)),
        ("float[3,2] transposed", () => rand(3, 2).t()),
        ("float[4,3] expanded", () => rand(1, 3).expand(4, 3)),
        ("float[5] reversed slice", () => rand(10)[TensorIndex.Slice(1, null, 2)]),
        ("NaN[2,3]", () => full([2, 3], double.NaN)),
        ("float[2,3,4]", () => rand(2, 3, 4)),
        ("float[1,2,4,4]", () => rand(1, 2, 4, 4)),
        ("float[1,1,1,1,1,1,2]", () => rand([1, 1, 1, 1, 1, 1, 2])),
        ("double[2,3]", () => rand(2, 3, dtype: float64)),
        ("half[2,3]", () => ones(2, 3, dtype: float16)),
        ("bfloat16[3]", () => ones(3, dtype: bfloat16)),
        ("complex[2,3]", () => ones(2, 3, dtype: complex64)),
        ("bool[2,3]", () => ones(2, 3, dtype: @bool)),
        ("byte[3]", () => ones(3, dtype: uint8)),
        ("short[2]", () => ones(2, dtype: int16)),
        ("int[2,3]", () => zeros(2, 3, dtype: int32)),
        ("long[3] of indices", () => tensor([0L, 1, 2])),
        ("long[2,3] of indices", () => ones(2, 3, dtype: int64)),
        ("long[3] out of range", () => tensor([-1L << 40, 7, 1L << 40])),
        ("long[]", () => tensor(-5L)),
    ];

    public (string Text, object? Value) For(ParameterInfo parameter)
    {
        if (parameter.HasDefaultValue && random.Next(2) == 0)
            return ("default", parameter.DefaultValue is null && parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : parameter.DefaultValue);
        return For(parameter.ParameterType);
    }

    /// <summary>Whether there are arguments of this type.</summary>
    public static bool Know(Type type) => !type.ContainsGenericParameters && !type.IsByRef && !type.IsByRefLike && !type.IsPointer && type != typeof(IntPtr)
        && !typeof(Stream).IsAssignableFrom(type) && type != typeof(BinaryReader) && type != typeof(BinaryWriter);

    /// <summary>An argument of a type.</summary>
    public (string Text, object? Value) For(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return random.Next(3) == 0 ? ("null", null) : For(underlying);
        if (type == typeof(Tensor))
            return Any(s_tensors) is var tensor ? (tensor.Name, tensor.Make()) : default;
        if (type == typeof(Modules.Parameter))
            return ("parameter[2,3]", new Modules.Parameter(rand(2, 3)));
        if (type == typeof(long))
            return Told(Any(s_sizes));
        if (type == typeof(int))
            return Told(Any(s_counts));
        if (type == typeof(double))
            return Told(Any(s_numbers));
        if (type == typeof(float))
            return Told((float)Any(s_numbers));
        if (type == typeof(bool))
            return Told(random.Next(2) == 0);
        if (type == typeof(string))
            return Told(Any(s_words));
        if (type == typeof(Scalar))
            return Any(s_numbers) is var number && random.Next(4) > 0 ? ($"{number}", (Scalar)number) : ("null scalar", null);
        if (type == typeof(Device))
            return random.Next(4) == 0 ? ("cuda:7", new Device("cuda:7")) : ("null", null);
        if (type == typeof(TensorIndex))
            return Index();
        if (type.IsEnum)
            return random.Next(8) == 0 ? ("(enum)99", Enum.ToObject(type, 99)) : Told(Any(Enum.GetValues(type).Cast<object>().ToArray()));
        if (ElementType(type) is { } element)
            return List(type, element);
        if (type.IsValueType)
            return Struct(type);
        return ("null", null);
    }

    private (string, object?) Index() => random.Next(5) switch
    {
        0 => ("[null]", TensorIndex.Null),
        1 => ("[...]", TensorIndex.Ellipsis),
        2 => Any(s_tensors[2..]) is var tensor ? ($"[{tensor.Name}]", TensorIndex.Tensor(tensor.Make())) : default,
        3 => (Any(s_sizes), Any(s_sizes), Any(s_sizes)) is var (a, b, c) ? ($"[{a}:{b}:{c}]", TensorIndex.Slice(a, b, c)) : default,
        _ => Any(s_sizes) is var single ? ($"[{single}]", TensorIndex.Single(single)) : default,
    };

    private (string, object?) List(Type type, Type element)
    {
        if (random.Next(10) == 0)
            return ("null list", null);
        var items = Enumerable.Range(0, random.Next(5)).Select(_ => For(element)).ToArray();
        var array = Array.CreateInstance(element, items.Length);
        for (var i = 0; i < items.Length; i++)
            array.SetValue(items[i].Value, i);
        var text = $"[{string.Join(", ", items.Select(item => item.Text))}]";
        return (text, type.IsAssignableFrom(array.GetType()) ? array : Activator.CreateInstance(type, array));
    }

    // Tuples field by field; of other structs the empty one.
    private (string, object?) Struct(Type type)
    {
        if (!type.FullName!.StartsWith("System.ValueTuple", StringComparison.Ordinal))
            return ("empty", Activator.CreateInstance(type));
        var items = type.GetGenericArguments().Select(For).ToArray();
        return ($"({string.Join(", ", items.Select(item => item.Text))})", Activator.CreateInstance(type, [.. items.Select(item => item.Value)]));
    }

    private static Type? ElementType(Type type)
    {
        if (type.IsArray && type.GetArrayRank() == 1)
            return type.GetElementType();
        return type.IsGenericType && type.GetGenericArguments() is [var only] && type.IsAssignableFrom(only.MakeArrayType()) ? only : null;
    }

    private static Tensor Disposed()
    {
        var tensor = ones(2, 3);
        tensor.Dispose();
        return tensor;
    }

    private T Any<T>(T[] choices) => choices[random.Next(choices.Length)];

    private static (string, object?) Told<T>(T value) => ($"{(object?)value ?? "null"}", value);
}
