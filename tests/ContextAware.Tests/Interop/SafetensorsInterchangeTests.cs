using System.ComponentModel;
using System.Diagnostics;
using ContextAware.Interop;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Interop;

/// <summary>Files that others wrote, and others that read ours.</summary>
public sealed class SafetensorsInterchangeTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Tensors_of_PyTorch_are_read_in_every_type()
    {
        using var file = SafetensorsFile.Open(RepositoryPaths.At("tests", "ContextAware.Tests", "golden", "types.safetensors"));
        Assert.StartsWith("PyTorch", file.Metadata["made_by"], StringComparison.Ordinal);
        var names = file.Entries.Keys.Where(name => !name.StartsWith("wide.", StringComparison.Ordinal)).ToArray();
        Assert.Equal(10, names.Length);
        foreach (var name in names)
        {
            TensorAssert.Equal(file.Read($"wide.{name}"), file.Read(name, ScalarType.Float64), name);
            TensorAssert.Equal(file.Read($"wide.{name}").to(file.Entries[name].Type), file.Read(name), name);
        }
    }

    [Fact]
    public void Python_reads_what_is_written_here()
    {
        var python = PythonWithSafetensors();
        SafetensorsFile.Write(folder["ours"], new Dictionary<string, Tensor>
        {
            ["a.weight"] = tensor(new[,] { { 1.5f, -2f }, { 0f, 4f } }), ["größe"] = tensor(new long[] { 1, 1L << 40 }), ["flag"] = tensor(new[] { true, false }),
            ["half"] = tensor(new[] { 0.5f }).to(ScalarType.Float16), ["empty"] = zeros(0, 3), ["scalar"] = tensor(2.5),
        }, new Dictionary<string, string> { ["format"] = "pt" });
        var printed = Run(python, """
            import sys
            from safetensors import safe_open
            with safe_open(sys.argv[1], framework="np") as file:
                print(file.metadata())
                for name in sorted(file.keys()):
                    tensor = file.get_tensor(name)
                    print(ascii(name), tensor.dtype, list(tensor.shape), tensor.tolist())
            """, folder["ours"]);
        Assert.Equal("""
            {'format': 'pt'}
            'a.weight' float32 [2, 2] [[1.5, -2.0], [0.0, 4.0]]
            'empty' float32 [0, 3] []
            'flag' bool [2] [True, False]
            'gr\xf6\xdfe' int64 [2] [1, 1099511627776]
            'half' float16 [1] [0.5]
            'scalar' float64 [] 2.5
            """, printed.Trim().ReplaceLineEndings());
    }

    [Fact]
    public void What_Python_writes_is_read_here()
    {
        var python = PythonWithSafetensors();
        Run(python, """
            import sys
            import numpy
            from safetensors.numpy import save_file
            save_file({
                "a.weight": numpy.arange(6, dtype=numpy.float32).reshape(2, 3), "i16": numpy.array([-3], dtype=numpy.int16),
                "f16": numpy.array([0.5, -2], dtype=numpy.float16), "empty": numpy.zeros((0, 3)), "flag": numpy.array([True, False]),
            }, sys.argv[1], metadata={"who": "python"})
            """, folder["theirs"]);
        using var file = SafetensorsFile.Open(folder["theirs"]);
        Assert.Equal("python", file.Metadata["who"]);
        Assert.Equal(5, file.Entries.Count);
        TensorAssert.Equal(arange(6, dtype: ScalarType.Float32).reshape(2, 3), file.Read("a.weight"));
        TensorAssert.Equal(tensor(new short[] { -3 }), file.Read("i16"));
        TensorAssert.Equal(tensor(new[] { 0.5f, -2f }).to(ScalarType.Float16), file.Read("f16"));
        TensorAssert.Equal(zeros(0, 3, dtype: ScalarType.Float64), file.Read("empty"));
        TensorAssert.Equal(tensor(new[] { true, false }), file.Read("flag"));
    }

    private static string PythonWithSafetensors()
    {
        foreach (var python in new[] { "/usr/bin/python3", "python3" })
            if (Start(python, "import numpy, safetensors.numpy") is (0, _, _))
                return python;
        Assert.Skip("No python3 with numpy and safetensors (Debian: python3-safetensors) is installed.");
        throw new UnreachableException();
    }

    private static string Run(string python, string script, string argument)
    {
        var (code, output, error) = Start(python, script, argument) ?? throw new InvalidOperationException($"{python} has gone.");
        Assert.True(code == 0, error);
        return output;
    }

    private static (int Code, string Output, string Error)? Start(string python, params string[] arguments)
    {
        var start = new ProcessStartInfo(python, ["-c", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, error.Result);
        }
        catch (Win32Exception) // No such program.
        {
            return null;
        }
    }
}
