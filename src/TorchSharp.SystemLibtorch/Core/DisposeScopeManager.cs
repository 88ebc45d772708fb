using System;

namespace TorchSharp;

/// <summary>The scopes and the tensor statistics of one thread.</summary>
public class DisposeScopeManager
{
    [ThreadStatic] private static DisposeScopeManager threadSingleton;

    internal static DisposeScopeManager ThreadSingleton => threadSingleton ??= new DisposeScopeManager();

    internal readonly ThreadDisposeScopeStatistics StatisticsInstance = new();
    internal DisposeScope CurrentDisposeScope;

    public static ThreadDisposeScopeStatistics Statistics => ThreadSingleton.StatisticsInstance;

    internal DisposeScope NewDisposeScope() => CurrentDisposeScope = new DisposeScope(this);

    internal DisposeScope Register(IDisposable item, LifetimeStatistics statistics)
    {
        if (CurrentDisposeScope is null) {
            statistics.CreatedOutsideScopeCount++;
            return null;
        }
        statistics.CreatedInScopeCount++;
        CurrentDisposeScope.Disposables.Add(item);
        return CurrentDisposeScope;
    }

    internal static void CountDisposal(DisposeScope owner, LifetimeStatistics statistics)
    {
        if (owner is null) statistics.DisposedOutsideScopeCount++;
        else statistics.DisposedInScopeCount++;
    }

    /// <summary>Takes a scope out of the chain, wherever in it it is.</summary>
    internal void Remove(DisposeScope scope)
    {
        if (ReferenceEquals(CurrentDisposeScope, scope)) {
            CurrentDisposeScope = scope.OuterScope;
            return;
        }
        for (DisposeScope inner = CurrentDisposeScope; inner is not null; inner = inner.OuterScope)
            if (ReferenceEquals(inner.OuterScope, scope)) {
                inner.OuterScope = scope.OuterScope;
                return;
            }
    }
}
