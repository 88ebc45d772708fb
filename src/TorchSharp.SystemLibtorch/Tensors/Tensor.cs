using System;
using System.Threading;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A reference to a native tensor, owned by a dispose scope, by the caller, or at last by the finalizer.</summary>
    public partial class Tensor : IDisposable, IScoped
    {
        internal nint handle;
        private static long totalCount, peakCount;

        internal Tensor(nint handle, bool register = true)
        {
            this.handle = handle;
            if (handle != 0) {
                long total = Interlocked.Increment(ref totalCount);
                if (total > peakCount) peakCount = total;
            }
            if (register && handle != 0) {
                DisposeScopeManager manager = DisposeScopeManager.ThreadSingleton;
                OwningDisposeScope = manager.Register(this, manager.StatisticsInstance.TensorStatistics);
            }
        }

        internal DisposeScope OwningDisposeScope;
        DisposeScope IScoped.OwningDisposeScope { get => OwningDisposeScope; set => OwningDisposeScope = value; }
        LifetimeStatistics IScoped.Statistics(ThreadDisposeScopeStatistics statistics) => statistics.TensorStatistics;

        public static Tensor UnsafeCreateTensor(IntPtr handle) => new(handle);

        public static long TotalCount => Interlocked.Read(ref totalCount);
        public static long PeakCount => peakCount;

        public IntPtr Handle => handle != 0 ? handle : throw new InvalidOperationException("Tensor invalid -- empty handle.");
        public bool IsInvalid => handle == 0;

        /// <summary>Checks a native call on this tensor, which can't be finalized before the call is over.</summary>
        private int Check(int status)
        {
            GC.KeepAlive(this);
            return Native.Check(status);
        }

        public string name { get; set; }

        ~Tensor() => Dispose(false);

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (handle == 0) return;
            DisposeScopeManager.CountDisposal(OwningDisposeScope, DisposeScopeManager.Statistics.TensorStatistics);
            // A finalizer has its own thread, and the scope may be gone.
            if (disposing) OwningDisposeScope?.MarkAsDisposed(this);
            Interlocked.Decrement(ref totalCount);
            Native.bridge_free(handle);
            handle = 0;
        }

        public IntPtr DecoupleFromNativeHandle()
        {
            nint released = Handle;
            GC.SuppressFinalize(this);
            Interlocked.Decrement(ref totalCount);
            handle = 0;
            return released;
        }

        /// <summary>Takes the native tensor away, for a Parameter to own.</summary>
        internal nint MoveHandle()
        {
            nint moved = handle;
            if (moved != 0) Interlocked.Decrement(ref totalCount);
            handle = 0;
            return moved;
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope other)
        {
            if (OwningDisposeScope is null) other?.Attach(this);
            else OwningDisposeScope.MoveToOther(other, this);
            return this;
        }

        public bool Equals(Tensor target) => target is not null && handle != 0 && target.handle != 0
            && (handle == target.handle || Aten.equal.CallBool(this, target));
        public override bool Equals(object obj) => obj is Tensor other && Equals(other);
        public override int GetHashCode() => base.GetHashCode();

        public override string ToString() => $"[{string.Join('x', shape)}], type = {dtype}, device = {device}";

        /// <summary>Another reference to the same native tensor.</summary>
        public Tensor alias()
        {
            Native.bridge_retain(Handle);
            return new Tensor(handle); // the handle is read again: this tensor lives until then
        }
    }

    public static DisposeScope NewDisposeScope() => DisposeScopeManager.ThreadSingleton.NewDisposeScope();

    public static DisposeScope CurrentDisposeScope => DisposeScopeManager.ThreadSingleton.CurrentDisposeScope;

    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using DisposeScope scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }

    public static bool is_tensor(object obj) => obj is Tensor;
}
