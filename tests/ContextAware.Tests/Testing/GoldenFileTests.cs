using System.Text;
using ContextAware.Testing;
using static TorchSharp.torch;

namespace ContextAware.Tests.Testing;

public sealed class GoldenFileTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    public void Dispose() => File.Delete(path);

    [Fact]
    public void Tensors_of_all_types_are_read()
    {
        Write("""{"__metadata__":{"made by":"hand"},"d":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"i":{"dtype":"I64","shape":[],"data_offsets":[8,16]},"f":{"dtype":"F32","shape":[2,1],"data_offsets":[16,24]},"h":{"dtype":"F16","shape":[1],"data_offsets":[24,26]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[26,28]},"m":{"dtype":"BOOL","shape":[2],"data_offsets":[28,30]},"e":{"dtype":"F32","shape":[0,3],"data_offsets":[30,30]}}""",
            [.. BitConverter.GetBytes(0.1), .. BitConverter.GetBytes(-7L), .. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-2f),
                .. BitConverter.GetBytes((Half)0.25), 0xC0, 0x3F, 0, 1]);
        using var scope = NewDisposeScope();
        var golden = GoldenFile.Read(path);
        Assert.Equal(["d", "i", "f", "h", "b", "m", "e"], golden.Names);
        Assert.Equal("hand", golden.Metadata["made by"]);
        TensorAssert.Equal(tensor([0.1]), golden.Tensor("d"));
        TensorAssert.Equal(tensor(-7L), golden.Tensor("i"));
        TensorAssert.Equal(tensor([1.5f, -2f], [2, 1]), golden.Tensor("f"));
        TensorAssert.Equal(tensor([0.25f]).to(ScalarType.Float16), golden.Tensor("h"));
        TensorAssert.Equal(tensor([1.5f]).to(ScalarType.BFloat16), golden.Tensor("b"));
        TensorAssert.Equal(tensor([false, true]), golden.Tensor("m"));
        TensorAssert.Shape([0, 3], golden.Tensor("e"));
        Assert.Equal([1.5, -2], golden.Numbers("f"));
    }

    [Fact]
    public void A_missing_name_shows_what_is_there()
    {
        Write("""{"there":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""", []);
        Assert.EndsWith("holds no 'here', only there.", Failure.Of(() => GoldenFile.Read(path).Numbers("here")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_root_is_found_from_inside_and_missed_outside()
    {
        Assert.True(File.Exists(RepositoryPaths.At("src", "ContextAware", "ContextAware.csproj")));
        Assert.Contains("ContextAware.sln", Failure.Of(() => RepositoryPaths.FindRoot(Path.GetTempPath())));
    }

    private void Write(string header, byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((ulong)json.Length), .. json, .. data]);
    }
}
