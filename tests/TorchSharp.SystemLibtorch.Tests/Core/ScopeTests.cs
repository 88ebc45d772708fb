using ContextAware.Testing;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Core;

public class ScopeTests
{
    [Fact]
    public void A_scope_disposes_what_was_made_inside()
    {
        Tensor inside;
        using (var scope = NewDisposeScope()) {
            inside = ones(2);
            Assert.Equal(1, scope.DisposablesCount);
            Assert.True(scope.Contains(inside));
            Assert.Same(scope, CurrentDisposeScope);
        }
        Assert.True(inside.IsInvalid);
        Assert.Null(CurrentDisposeScope);
    }

    [Fact]
    public void A_result_moves_out_one_scope_at_a_time()
    {
        using var outer = NewDisposeScope();
        Tensor result;
        using (var inner = NewDisposeScope()) {
            result = (ones(2) + 1).MoveToOuterDisposeScope();
            Assert.Equal(1, inner.DisposablesCount);
        }
        Assert.False(result.IsInvalid);
        Assert.Equal([result], outer.DisposablesView);
        result.MoveToOuterDisposeScope();
        Assert.Equal(0, outer.DisposablesCount);
        result.MoveToOuterDisposeScope();
        result.Dispose();
    }

    [Fact]
    public void Tensors_can_be_attached_detached_and_moved_between_scopes()
    {
        Tensor free = ones(1);
        using (var scope = NewDisposeScope()) {
            scope.Attach(free);
            Tensor kept = ones(2).DetachFromDisposeScope();
            Assert.Equal(1, scope.DisposablesCount);
            using var second = NewDisposeScope();
            Assert.Same(free, scope.MoveToOther(second, free));
            Assert.True(second.Contains(free));
            Assert.Same(kept, kept.MoveToOtherDisposeScope(free));
            Assert.Equal(2, second.DisposablesCount);
            second.Detach(kept);
            second.Dispose();
            Assert.True(free.IsInvalid);
            Assert.False(kept.IsInvalid);
            kept.Dispose();
        }
        Assert.Null(CurrentDisposeScope);
    }

    [Fact]
    public void Everything_but_the_kept_is_disposed()
    {
        using var scope = NewDisposeScope();
        Tensor a = ones(1), b = ones(1), c = ones(1);
        Assert.Same(b, scope.DisposeEverythingBut(b));
        Assert.True(a.IsInvalid && c.IsInvalid);
        Assert.False(b.IsInvalid);
        scope.DisposeEverything();
        Assert.True(b.IsInvalid);
    }

    [Fact]
    public void Disposing_a_tensor_takes_it_out_of_its_scope()
    {
        using var scope = NewDisposeScope();
        Tensor a = ones(1);
        a.Dispose();
        a.Dispose();
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void A_disposed_scope_refuses_work_and_an_outer_one_may_go_first()
    {
        var outer = NewDisposeScope();
        var inner = NewDisposeScope();
        outer.Dispose();
        Assert.Same(inner, CurrentDisposeScope);
        inner.Dispose();
        inner.Dispose();
        Assert.Null(CurrentDisposeScope);
        Assert.Throws<ObjectDisposedException>(() => outer.DisposablesCount);
        Assert.Throws<ObjectDisposedException>(() => outer.Detach(Array.Empty<Tensor>()));
    }

    [Fact]
    public void Only_tensors_are_managed()
    {
        using var scope = NewDisposeScope();
        using var stream = new MemoryStream();
        Assert.Throws<InvalidOperationException>(() => scope.Attach(stream));
    }

    [Fact]
    public void Statistics_count_by_thread_where_tensors_are_made_and_go()
    {
        var statistics = DisposeScopeManager.Statistics;
        statistics.Reset();
        Tensor outside = ones(1);
        Assert.Equal(1, statistics.CreatedOutsideScopeCount);
        using (NewDisposeScope()) {
            Tensor inside = ones(1);
            inside.DetachFromDisposeScope();
            Assert.Equal((1, 1), (statistics.CreatedInScopeCount, statistics.DetachedFromScopeCount));
            inside.Dispose();
            CurrentDisposeScope!.Attach(outside);
            Assert.Equal(1, statistics.AttachedToScopeCount);
            Assert.Equal(1, statistics.ThreadTotalLiveCount);
        }
        Assert.Equal((1, 1), (statistics.DisposedInScopeCount, statistics.DisposedOutsideScopeCount));
        Assert.Equal(0, statistics.ThreadTotalLiveCount);
        Assert.Equal(2, statistics.TensorStatistics.CreatedInScopeCount + statistics.TensorStatistics.CreatedOutsideScopeCount);
        Assert.Contains("ThreadTotalLiveCount: 0; CreatedOutsideScopeCount: 1", statistics.ToString(), StringComparison.Ordinal);

        var other = new Thread(() => {
            using Tensor there = ones(1);
            Assert.Equal(1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        });
        other.Start();
        other.Join();
        Assert.Equal(0, statistics.ThreadTotalLiveCount);
        statistics.Reset();
    }

    [Fact]
    public void Indexing_makes_one_tensor()
    {
        using var scope = NewDisposeScope();
        Tensor t = zeros(4, 4, 4);
        long before = DisposeScopeManager.Statistics.CreatedInScopeCount;
        _ = t[0, 1.., TensorIndex.None, ..2];
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.CreatedInScopeCount);
        t[0, 1..] = 5;
        Assert.Equal(before + 2, DisposeScopeManager.Statistics.CreatedInScopeCount);
    }

    [Fact]
    public void An_alias_lives_on_its_own()
    {
        Tensor a = ones(2);
        Tensor alias = a.alias();
        a.Dispose();
        Assert.Equal(2f, alias.sum().item<float>());
        alias.Dispose();
    }

    [Fact]
    public void Total_count_follows_living_tensors()
    {
        LeakCheck.CollectGarbage();
        long before = Tensor.TotalCount;
        Tensor a = ones(1), b = a.alias();
        Assert.Equal(before + 2, Tensor.TotalCount);
        Assert.True(Tensor.PeakCount >= Tensor.TotalCount);
        a.Dispose();
        b.Dispose();
        Assert.Equal(before, Tensor.TotalCount);
    }
}
