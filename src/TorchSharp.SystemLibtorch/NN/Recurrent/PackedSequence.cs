namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            public static partial class rnn
            {
                /// <summary>
                /// The steps of a batch of sequences one after another, [steps, …], and how many sequences each step has.
                /// The indices that sorted the batch by length, and those that undo it, are invalid tensors where it came sorted.
                /// </summary>
                public sealed class PackedSequence : IScoped
                {
                    public readonly Tensor data;
                    public readonly Tensor batch_sizes;
                    public readonly Tensor sorted_indices;
                    public readonly Tensor unsorted_indices;
                    private DisposeScope _scope;

                    internal PackedSequence(Tensor data, Tensor batchSizes, Tensor sortedIndices, Tensor unsortedIndices)
                    {
                        this.data = data.DetachFromDisposeScope();
                        batch_sizes = batchSizes.DetachFromDisposeScope();
                        sorted_indices = sortedIndices.DetachFromDisposeScope();
                        unsorted_indices = unsortedIndices.DetachFromDisposeScope();
                        var manager = DisposeScopeManager.ThreadSingleton;
                        _scope = manager.Register(this, manager.StatisticsInstance.PackedSequenceStatistics);
                    }

                    DisposeScope IScoped.OwningDisposeScope { get => _scope; set => _scope = value; }

                    LifetimeStatistics IScoped.Statistics(ThreadDisposeScopeStatistics statistics) => statistics.PackedSequenceStatistics;

                    public void Dispose()
                    {
                        if (data.IsInvalid) return;
                        data.Dispose();
                        batch_sizes.Dispose();
                        sorted_indices.Dispose();
                        unsorted_indices.Dispose();
                        DisposeScopeManager.CountDisposal(_scope, DisposeScopeManager.Statistics.PackedSequenceStatistics);
                        _scope?.MarkAsDisposed(this);
                    }

                    public PackedSequence MoveToOuterDisposeScope()
                    {
                        _scope?.MoveToOuter(this);
                        return this;
                    }

                    public PackedSequence DetachFromDisposeScope()
                    {
                        _scope?.Detach(this);
                        return this;
                    }

                    public PackedSequence MoveToOtherDisposeScope(PackedSequence other) => MoveToOtherDisposeScope(other._scope);

                    public PackedSequence MoveToOtherDisposeScope(DisposeScope other)
                    {
                        if (_scope is null) other?.Attach(this);
                        else _scope.MoveToOther(other, this);
                        return this;
                    }
                }
            }
        }
    }
}
