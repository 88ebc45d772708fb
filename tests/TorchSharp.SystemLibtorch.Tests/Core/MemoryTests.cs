using ContextAware.Testing;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Core;

public class MemoryTests
{
    private static void Work(int count)
    {
        using Tensor a = ones(16), b = ones(16, requires_grad: true);
        for (int i = 0; i < count; i++) {
            using var scope = NewDisposeScope();
            Tensor c = (a + b) * 2;
            if (i % 100 == 0) {
                c[..8].sum().backward();
                Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => a.view(3));
            }
        }
    }

    [Fact]
    public void A_hundred_thousand_operations_leave_nothing_behind()
    {
        Work(5_000);
        long live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        GC.Collect();
        long before = Environment.WorkingSet;
        Work(50_000);
        GC.Collect();
        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 30L << 20);
    }

    [Fact]
    public void Finalizers_free_what_nobody_disposed()
    {
        static void Forget()
        {
            for (int i = 0; i < 200; i++) _ = empty(1);
        }
        LeakCheck.CollectGarbage();
        long before = Tensor.TotalCount;
        Forget();
        LeakCheck.CollectGarbage();
        Assert.InRange(Tensor.TotalCount, 0, before + 1); // a register may still hold the last one
    }

    [Fact]
    public void Threads_work_side_by_side()
    {
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 4 }, seed => {
            using var scope = NewDisposeScope();
            using var generator = new Generator((ulong)seed);
            Tensor w = ones(4, requires_grad: true);
            for (int i = 0; i < 200; i++) {
                using var inner = NewDisposeScope();
                (w * rand(4, generator: generator)).sum().backward();
            }
            Assert.InRange(w.grad!.mean().item<float>(), 80, 120);
        });
    }
}
