using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Core;

public class ConversionTests
{
    [Fact]
    public void Items_are_read_in_their_own_type_only()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(2f, tensor(2f).item<float>());
        Assert.Equal(2L, tensor(new long[,] { { 2 } }).item<long>());
        Assert.Throws<ArgumentException>(() => tensor(2f).item<double>());
        Assert.Throws<ArgumentException>(() => tensor(new[] { 1f, 2f }).item<float>());
        Assert.Equal(2.5, tensor(2.5f).ToDouble());
        Assert.Equal(2, tensor(2.5f).ToInt32());
        Assert.Equal(3f, (float)tensor(3));
        Assert.True(tensor(true).ToBoolean());
    }

    [Fact]
    public void Accessors_follow_strides()
    {
        using var scope = NewDisposeScope();
        Tensor t = arange(6).view(2, 3).t();
        using var data = t.data<long>();
        Assert.Equal(6, data.Count);
        Assert.Equal([0L, 3L, 1L, 4L, 2L, 5L], data.ToArray());
        Assert.Equal(4L, data[1, 1]);
        Assert.Equal(3L, data[1]);
        Assert.Equal([0L, 3L, 1L, 4L, 2L, 5L], data);
        data[2, 1] = 50;
        Assert.Equal(50L, t[2, 1].item<long>());
        var array = (long[,])data.ToNDArray();
        Assert.Equal((3, 2), (array.GetLength(0), array.GetLength(1)));
        Assert.Equal(50L, array[2, 1]);
        Assert.Throws<ArgumentException>(() => t.data<float>());
    }

    [Fact]
    public void Types_convert_and_the_same_type_is_the_same_data()
    {
        using var scope = NewDisposeScope();
        Tensor t = tensor(new[] { 1.7f, -1.7f });
        Assert.Equal([1L, -1L], t.to(int64).data<long>().ToArray());
        Assert.Equal(float64, t.@double().dtype);
        Assert.Equal(bfloat16, t.to(bfloat16).dtype);
        Assert.Equal(1.703125f, t.to(bfloat16)[0].ToSingle());
        Tensor same = t.to(float32);
        same[0] = 3f;
        Assert.Equal(3f, t[0].item<float>());
        Tensor copy = t.to(float32, copy: true);
        copy[0] = 4f;
        Assert.Equal(3f, t[0].item<float>());
    }

    [Fact]
    public void Half_precision_rounds_to_nearest_even()
    {
        Assert.Equal(1f, new BFloat16(1f + 1f / 256).ToSingle());
        Assert.Equal(1f + 1f / 64, new BFloat16(1f + 3f / 256).ToSingle());
        Assert.True(BFloat16.IsNaN(new BFloat16(float.NaN)));
        using var scope = NewDisposeScope();
        Tensor t = tensor(new[] { new BFloat16(0.5f), new BFloat16(-2f) });
        Assert.Equal([0.5f, -2f], t.data<BFloat16>().Select(b => b.ToSingle()));
        Assert.Equal((Half)0.5, tensor(new[] { (Half)0.5 }).item<Half>());
    }

    [Fact]
    public void Bytes_are_the_memory_itself()
    {
        using var scope = NewDisposeScope();
        Tensor t = tensor(new[] { 1f, 2f });
        Assert.Equal(BitConverter.GetBytes(2f), t.bytes[4..].ToArray());
        t.bytes = new byte[8];
        Assert.Equal([0f, 0f], t.data<float>().ToArray());
        Assert.Throws<InvalidOperationException>(() => { _ = arange(4).view(2, 2).t().bytes.Length; });
    }

    [Fact]
    public void Devices_are_named()
    {
        using var scope = NewDisposeScope();
        Assert.Equal("cpu", zeros(1).device.ToString());
        Assert.Equal("cuda:1", new Device("cuda:1").ToString());
        Assert.Equal(DeviceType.CUDA, new Device(DeviceType.CUDA, 0).type);
        Assert.Equal([1f], ones(1).to(CPU).cpu().data<float>().ToArray());
        Assert.Equal(DeviceType.META, zeros(1, device: META).device_type);
        Assert.Equal("[2x3], type = Int64, device = cpu", zeros(2, 3, dtype: int64).ToString());
    }

    [Fact]
    public void Cuda_holds_tensors_where_there_is_one()
    {
        Assert.SkipUnless(cuda.is_available(), "libtorch sees no CUDA device");
        using var scope = NewDisposeScope();
        Tensor t = ones(2, 3, device: CUDA);
        Assert.True(t.is_cuda);
        Assert.Equal(6f, (t + t).mean().cpu().item<float>() * 3);
        cuda.synchronize();
        Assert.True(cuda.device_count() > 0);
    }

    [Fact]
    public void Without_cuda_a_tensor_there_is_refused()
    {
        Assert.SkipWhen(cuda.is_available(), "libtorch sees a CUDA device");
        Assert.Equal(0, cuda.device_count());
        Assert.ThrowsAny<Exception>(() => zeros(1, device: new Device(DeviceType.CUDA)));
    }
}
