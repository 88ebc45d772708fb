using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Testing;

[Collection(nameof(Scoring.PeakMemory))]
public class LeakCheckTests
{
    [Fact]
    public void A_clean_action_passes()
        => LeakCheck.Tensors(() =>
        {
            using var scope = NewDisposeScope();
            _ = ones(3) + 1;
        });

    [Fact]
    public void What_only_the_first_rounds_leave_behind_passes()
    {
        using var scope = NewDisposeScope();
        Tensor? cache = null;
        LeakCheck.Tensors(() => cache ??= ones(3));
    }

    [Fact]
    public void A_tensor_kept_each_round_fails()
    {
        using var scope = NewDisposeScope();
        Assert.StartsWith("+20 live tensors after 10 rounds (+2 a round)", Failure.Of(() => LeakCheck.Tensors(() => _ = ones(3) + 1)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_left_to_the_garbage_collector_fails()
        => Assert.StartsWith("+10 live tensors", Failure.Of(() => LeakCheck.Tensors(() =>
        {
            ones(3);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        })), StringComparison.Ordinal);

    [Fact]
    public void Memory_that_grows_fails_and_memory_that_is_freed_does_not()
    {
        LeakCheck.Memory(() => System.Runtime.InteropServices.Marshal.FreeHGlobal(Touched(1 << 20)), repetitions: 60);
        var kept = new List<IntPtr>();
        Assert.StartsWith("The process grew by ", Failure.Of(() => LeakCheck.Memory(() => kept.Add(Touched(1 << 20)), repetitions: 60)), StringComparison.Ordinal);
        kept.ForEach(System.Runtime.InteropServices.Marshal.FreeHGlobal);
    }

    private static IntPtr Touched(int bytes)
    {
        var memory = System.Runtime.InteropServices.Marshal.AllocHGlobal(bytes);
        for (var i = 0; i < bytes; i += 1024)
            System.Runtime.InteropServices.Marshal.WriteByte(memory, i, 1);
        return memory;
    }
}
