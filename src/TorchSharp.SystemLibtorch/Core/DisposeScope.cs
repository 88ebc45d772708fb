using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp;

/// <summary>Disposes the tensors created while it is the thread's innermost scope, except those moved out of it.</summary>
public sealed class DisposeScope : IDisposable
{
    private DisposeScopeManager manager;

    internal DisposeScope(DisposeScopeManager manager)
    {
        this.manager = manager;
        OuterScope = manager.CurrentDisposeScope;
    }

    internal DisposeScope OuterScope;

    internal HashSet<IDisposable> Disposables = new(ReferenceEqualityComparer.Instance);

    private DisposeScopeManager Manager => manager ?? throw new ObjectDisposedException(GetType().FullName);

    public IReadOnlyList<IDisposable> DisposablesView { get { _ = Manager; return [.. Disposables]; } }

    public int DisposablesCount { get { _ = Manager; return Disposables.Count; } }

    public bool Contains(IDisposable disposable) => Disposables.Contains(disposable);

    public T MoveToOuter<T>(T disposable) where T : IDisposable { MoveToOuter([disposable]); return disposable; }
    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable { MoveToOuter([first, second]); return (first, second); }
    public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third) where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable { MoveToOuter([first, second, third]); return (first, second, third); }
    public void MoveToOuter(params IDisposable[] disposables) => MoveToOther(OuterScope, disposables);
    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(OuterScope, disposables);

    public T MoveToOther<T>(DisposeScope scope, T disposable) where T : IDisposable { MoveToOther(scope, [disposable]); return disposable; }
    public (T1 first, T2 second) MoveToOther<T1, T2>(DisposeScope scope, T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable { MoveToOther(scope, [first, second]); return (first, second); }
    public (T1 first, T2 second, T3 third) MoveToOther<T1, T2, T3>(DisposeScope scope, T1 first, T2 second, T3 third) where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable { MoveToOther(scope, [first, second, third]); return (first, second, third); }
    public void MoveToOther(DisposeScope scope, params IDisposable[] disposables) => MoveToOther(scope, (IEnumerable<IDisposable>)disposables);
    public void MoveToOther(DisposeScope scope, IEnumerable<IDisposable> disposables)
    {
        _ = Manager;
        if (scope is null) {
            Detach(disposables);
            return;
        }
        if (ReferenceEquals(scope, this)) return;
        _ = scope.Manager;
        foreach (IDisposable disposable in disposables)
            if (Disposables.Remove(disposable)) Adopt(scope, disposable);
    }

    public T Detach<T>(T disposable) where T : IDisposable { Detach([disposable]); return disposable; }
    public (T1 first, T2 second) Detach<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable { Detach([first, second]); return (first, second); }
    public (T1 first, T2 second, T3 third) Detach<T1, T2, T3>(T1 first, T2 second, T3 third) where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable { Detach([first, second, third]); return (first, second, third); }
    public void Detach(params IDisposable[] disposables) => Detach((IEnumerable<IDisposable>)disposables);
    public void Detach(IEnumerable<IDisposable> disposables)
    {
        ThreadDisposeScopeStatistics statistics = Manager.StatisticsInstance;
        foreach (IDisposable disposable in disposables)
            if (Disposables.Remove(disposable) && disposable is IScoped scoped) {
                scoped.Statistics(statistics).DetachedFromScopeCount++;
                scoped.OwningDisposeScope = null;
            }
    }

    public void Attach(IDisposable disposable) => Attach((IEnumerable<IDisposable>)[disposable]);
    public void Attach(params IDisposable[] disposables) => Attach((IEnumerable<IDisposable>)disposables);
    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        ThreadDisposeScopeStatistics statistics = Manager.StatisticsInstance;
        var attached = new List<IDisposable>();
        foreach (IDisposable disposable in disposables) {
            if (Adopt(this, disposable)) ((IScoped)disposable).Statistics(statistics).AttachedToScopeCount++;
            attached.Add(disposable);
        }
        return attached;
    }

    public void DisposeEverything() => DisposeEverythingBut(Enumerable.Empty<IDisposable>());
    public T DisposeEverythingBut<T>(T keep) where T : IDisposable { DisposeEverythingBut([keep]); return keep; }
    public (T1 first, T2 second) DisposeEverythingBut<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable { DisposeEverythingBut([first, second]); return (first, second); }
    public (T1 first, T2 second, T3 third) DisposeEverythingBut<T1, T2, T3>(T1 first, T2 second, T3 third) where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable { DisposeEverythingBut([first, second, third]); return (first, second, third); }
    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);
    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        _ = Manager;
        HashSet<IDisposable> old = Disposables;
        Disposables = new HashSet<IDisposable>(inKeep, ReferenceEqualityComparer.Instance);
        foreach (IDisposable disposable in old)
            if (!Disposables.Contains(disposable)) disposable.Dispose();
    }

    public void MarkAsDisposed(IDisposable disposable)
    {
        _ = Manager;
        Disposables.Remove(disposable);
        if (disposable is IScoped scoped) scoped.OwningDisposeScope = null;
    }

    public void Dispose()
    {
        if (manager is null) return;
        DisposeEverything();
        manager.Remove(this);
        manager = null;
    }

    /// <summary>Puts a replacement into the scope that owned the original, which leaves it.</summary>
    internal static void ReplaceWith(torch.Tensor original, torch.Tensor replacement)
    {
        DisposeScope scope = original.OwningDisposeScope;
        if (scope is null || !scope.Disposables.Remove(original)) return;
        original.OwningDisposeScope = null;
        Adopt(scope, replacement);
    }

    private static bool Adopt(DisposeScope scope, IDisposable disposable)
    {
        if (disposable is not IScoped scoped) throw new InvalidOperationException("DisposeScope can only manage Tensor or PackedSequence");
        DisposeScope old = scoped.OwningDisposeScope;
        if (ReferenceEquals(scope, old)) return false;
        scope.Disposables.Add(disposable);
        old?.Disposables.Remove(disposable);
        scoped.OwningDisposeScope = scope;
        return true;
    }
}

/// <summary>What a dispose scope can own.</summary>
internal interface IScoped : IDisposable
{
    DisposeScope OwningDisposeScope { get; set; }
    LifetimeStatistics Statistics(ThreadDisposeScopeStatistics statistics);
}
