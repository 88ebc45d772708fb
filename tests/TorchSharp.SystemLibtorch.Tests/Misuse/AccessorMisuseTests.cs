using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Misuse;

/// <summary>Elements are read where they are, or not at all: large tensors here, whose memory is gone when they are.</summary>
public class AccessorMisuseTests
{
    private const int Rows = 2000;

    public static TheoryData<string, Action<TensorAccessor<float>>> Reads => new()
    {
        { "one index", data => _ = data[Rows] },
        { "two indices", data => _ = data[Rows - 1, Rows - 1] },
        { "a write", data => data[Rows - 1, Rows - 1] = 1 },
        { "an array", data => data.ToArray() },
        { "an array of two dimensions", data => data.ToNDArray() },
        { "a copy", data => data.CopyTo(new float[3], 0, 5) },
        { "a copy into the tensor", data => data.CopyFrom(new float[3], 0, 5) },
        { "enumeration", data => _ = data.First() },
    };

    public static TheoryData<string, Action<TensorAccessor<float>>> OutOfRange => new()
    {
        { "an index too far", data => _ = data[(long)Rows * Rows] },
        { "an index before the first", data => _ = data[-1] },
        { "a second index too far", data => _ = data[0, Rows] },
        { "a second index before the first", data => _ = data[1, -1] },
        { "too few indices", data => _ = data[[]] },
        { "a copy from before the first", data => data.CopyTo(new float[3], 0, -2) },
        { "a copy before the array", data => data.CopyTo(new float[3], -1) },
        { "a copy of before the first into the tensor", data => data.CopyFrom(new float[3], 0, -2) },
    };

    [Theory]
    [MemberData(nameof(Reads))]
    public void The_elements_of_a_disposed_tensor_are_refused(string what, Action<TensorAccessor<float>> read)
    {
        Assert.SkipWhen(Provider.IsPublished, "It may end the process.");
        var tensor = zeros(Rows, Rows);
        var data = tensor.data<float>();
        tensor.Dispose();
        Assert.True(Record.Exception(() => read(data)) is ObjectDisposedException or InvalidOperationException, what);
    }

    [Fact]
    public void A_disposed_accessor_reads_nothing()
    {
        Assert.SkipWhen(Provider.IsPublished, "It may end the process.");
        using var tensor = zeros(Rows, Rows);
        var data = tensor.data<float>();
        data.Dispose();
        Assert.Empty(data.ToArray());
        Assert.Throws<ObjectDisposedException>(() => data[Rows - 1, Rows - 1]);
    }

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void An_element_out_of_range_is_refused(string what, Action<TensorAccessor<float>> read)
    {
        Assert.SkipWhen(Provider.IsPublished, "It may end the process.");
        using var tensor = zeros(Rows, Rows);
        using var data = tensor.data<float>();
        Assert.True(Record.Exception(() => read(data)) is ArgumentException or IndexOutOfRangeException, what);
    }

    [Fact]
    public void Elements_of_another_type_are_refused()
    {
        using var tensor = ones(3, dtype: @bool);
        Assert.Throws<ArgumentException>(() => tensor.data<double>());
        Assert.Throws<ArgumentException>(() => tensor.item<float>());
    }
}
