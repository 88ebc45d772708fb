using System.Diagnostics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ContextAware.Tests;

public class FreedMemoryTests
{
    private const string InOwnProcess = "CONTEXTAWARE_OWN_PROCESS";
    private const long Bytes = 40 << 20;                // above what glibc ever keeps by itself, below a thread's heap

    [Fact]
    public async Task Large_blocks_are_kept_where_they_were_mapped_afresh()
    {
        // The setting is the process's, and other tests measure memory.
        if (Environment.GetEnvironmentVariable(InOwnProcess) is null)
        {
            var start = new ProcessStartInfo("dotnet", [typeof(FreedMemoryTests).Assembly.Location, "-method", $"*.{nameof(Large_blocks_are_kept_where_they_were_mapped_afresh)}"])
            {
                RedirectStandardOutput = true,
                Environment = { [InOwnProcess] = "1" },
            };
            using var process = Process.Start(start)!;
            var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0 && said.Contains("Total: 1", StringComparison.Ordinal), said);
            Assert.SkipWhen(said.Contains("no glibc", StringComparison.Ordinal), "There is no glibc here.");
            return;
        }

        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libc.so.6", out _))
        {
            Assert.False(FreedMemory.Keep());
            Assert.Skip("There is no glibc here.");
        }

        Assert.InRange(MappedByOneTensor(), Bytes, long.MaxValue);
        Assert.True(FreedMemory.Keep());
        Assert.InRange(MappedByOneTensor(), 0, Bytes / 2);
    }

    private static long MappedByOneTensor()
    {
        var before = (long)mallinfo2().Mapped;
        using var block = empty(Bytes, uint8);
        return (long)mallinfo2().Mapped - before;
    }

    [DllImport("libc.so.6")]
    private static extern Info mallinfo2();

    // <malloc.h>, struct mallinfo2
    private readonly record struct Info(
        nuint Arena, nuint FreeBlocks, nuint FastBlocks, nuint MappedBlocks, nuint Mapped, nuint Unused, nuint Fast, nuint Used, nuint Free, nuint Trimmable);
}
