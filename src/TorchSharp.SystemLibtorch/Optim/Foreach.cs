using Tensor = TorchSharp.torch.Tensor;

namespace TorchSharp;

/// <summary>libtorch's operators over lists: one call for all parameters, element for element what one call for each would give.</summary>
internal static class Foreach
{
    private static readonly Op s_add = "_foreach_add.List";
    private static readonly Op s_add_ = "_foreach_add_.List";
    private static readonly Op s_addNumber_ = "_foreach_add_.Scalar";
    private static readonly Op s_addcdiv_ = "_foreach_addcdiv_.Scalar";
    private static readonly Op s_addcmul = "_foreach_addcmul.Scalar";
    private static readonly Op s_addcmul_ = "_foreach_addcmul_.Scalar";
    private static readonly Op s_div_ = "_foreach_div_.Scalar";
    private static readonly Op s_maximum_ = "_foreach_maximum_.List";
    private static readonly Op s_mul_ = "_foreach_mul_.Scalar";
    private static readonly Op s_neg = "_foreach_neg";
    private static readonly Op s_sqrt = "_foreach_sqrt";
    private static readonly Op s_zero_ = "_foreach_zero_";

    /// <summary>a + factor · b.</summary>
    public static Tensor[] Add(Tensor[] a, Tensor[] b, double factor) => s_add.CallList(a, b, factor);

    /// <summary>a += factor · b.</summary>
    public static void AddTo(Tensor[] a, Tensor[] b, double factor) => s_add_.CallValue(a, b, factor);

    /// <summary>a += number.</summary>
    public static void AddTo(Tensor[] a, double number) => s_addNumber_.CallValue(a, number);

    /// <summary>a + factor · b · c.</summary>
    public static Tensor[] AddProduct(Tensor[] a, Tensor[] b, Tensor[] c, double factor) => s_addcmul.CallList(a, b, c, factor);

    /// <summary>a += factor · b · c.</summary>
    public static void AddProductTo(Tensor[] a, Tensor[] b, Tensor[] c, double factor) => s_addcmul_.CallValue(a, b, c, factor);

    /// <summary>a += factor · b / c.</summary>
    public static void AddQuotientTo(Tensor[] a, Tensor[] b, Tensor[] c, double factor) => s_addcdiv_.CallValue(a, b, c, factor);

    /// <summary>a /= number.</summary>
    public static void DivideBy(Tensor[] a, double number) => s_div_.CallValue(a, number);

    /// <summary>a = max(a, b).</summary>
    public static void RaiseTo(Tensor[] a, Tensor[] b) => s_maximum_.CallValue(a, b);

    /// <summary>a *= number.</summary>
    public static void MultiplyBy(Tensor[] a, double number) => s_mul_.CallValue(a, number);

    /// <summary>−a.</summary>
    public static Tensor[] Negative(Tensor[] a) => s_neg.CallList(a);

    /// <summary>√a.</summary>
    public static Tensor[] SquareRoot(Tensor[] a) => s_sqrt.CallList(a);

    /// <summary>a = 0; an empty list is left alone.</summary>
    public static void Zero(Tensor[] a)
    {
        if (a.Length > 0)
            s_zero_.CallValue(a);
    }
}
