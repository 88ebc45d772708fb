using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Core;

public class ErrorTests
{
    [Fact]
    public void Native_errors_carry_libtorchs_message()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ExternalException>(() => ones(2, 3).mm(ones(2, 3)));
        Assert.Contains("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ExternalException>(() => ones(2) + ones(3));
        Assert.Contains("The size of tensor a (2) must match the size of tensor b (3)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_tensor_refuses_every_use()
    {
        using var scope = NewDisposeScope();
        Tensor gone = ones(2);
        gone.Dispose();
        Assert.True(gone.IsInvalid);
        Assert.Throws<InvalidOperationException>(() => gone.Handle);
        Assert.Throws<InvalidOperationException>(() => gone + 1);
        Assert.Throws<InvalidOperationException>(() => ones(2) + gone);
        Assert.Throws<InvalidOperationException>(() => gone.shape);
        Assert.Throws<InvalidOperationException>(() => gone.requires_grad);
        Assert.Throws<InvalidOperationException>(() => cat([ones(2), gone]));
        Assert.Throws<InvalidOperationException>(() => gone.backward());
        Assert.Throws<InvalidOperationException>(() => gone[0]);
    }

    public static TheoryData<string, Action> Misuse => new() {
        { "view of a wrong size", () => ones(6).view(4) },
        { "dimension out of range", () => ones(2).sum(5L) },
        { "size of a dimension out of range", () => ones(2).size(3) },
        { "index out of range", () => { _ = ones(2)[2]; } },
        { "too many indices", () => { _ = ones(2)[0, 0]; } },
        { "index of a wrong type", () => ones(3).index_select(0, ones(1)) },
        { "gather past the end", () => ones(2).gather(0, tensor(new long[] { 5 })) },
        { "mask of a wrong type", () => ones(2).masked_fill(ones(2), 1) },
        { "mask of a wrong shape", () => ones(2).masked_fill(ones(3, dtype: @bool), 1) },
        { "condition of a wrong type", () => where(ones(2), ones(2), ones(2)) },
        { "types that can't be mixed in place", () => ones(2, dtype: int64).add_(0.5) },
        { "a gradient for integers", () => ones(2, dtype: int64).requires_grad_() },
        { "a value of a wrong shape", () => { Tensor t = ones(2); t[0] = ones(3); } },
        { "backward of what isn't a number", () => ones(2, requires_grad: true).mul(2).backward() },
        { "backward without a graph", () => ones(1).backward() },
        { "in place on a leaf that needs its gradient", () => ones(1, requires_grad: true).add_(1) },
        { "joining different shapes", () => cat([ones(2, 2), ones(3, 3)]) },
        { "stacking nothing", () => stack(Array.Empty<Tensor>()) },
        { "an equation that doesn't fit", () => einsum("ij,jk->ik", ones(2), ones(2)) },
        { "a negative size", () => zeros(-1) },
        { "an item of many", () => ones(2).ToScalar() },
        { "an inverse of what has none", () => zeros(2, 2).inverse() },
        { "more draws than there are", () => ones(2).multinomial(3) },
        { "a step of zero", () => ones(2).slice(0, 0, 2, 0) },
        { "data without memory", () => zeros(1, device: META).cpu() },
    };

    [Theory]
    [MemberData(nameof(Misuse), DisableDiscoveryEnumeration = true)]
    public void Misuse_is_an_exception_not_a_crash(string what, Action misuse)
    {
        using var scope = NewDisposeScope();
        Exception? error = Record.Exception(misuse);
        Assert.True(error is ExternalException or ArgumentException or InvalidOperationException or NotImplementedException, $"{what}: {error?.ToString() ?? "no error"}");
        Assert.NotEmpty(error!.Message);
        Assert.Equal(2f, (ones(1) + 1).item<float>());
    }
}
