using System;
using System.Collections.Generic;

namespace TorchSharp;

public static unsafe partial class torch
{
    public static partial class autograd
    {
        /// <summary>What a custom function's forward leaves for its backward.</summary>
        public class AutogradContext : IDisposable
        {
            private readonly Dictionary<string, object> data = [];
            internal List<Tensor> ToSave = [], Dirty = [], NonDifferentiable = [];
            private int savedCount;

            /// <summary>The native node, while it lives.</summary>
            internal nint Node;

            internal AutogradContext() { }

            public bool MaterializeGrads { get; private set; } = true;

            public void save_for_backward(List<Tensor> tensors) => ToSave = tensors;
            public void mark_dirty(List<Tensor> tensors) => Dirty = [.. tensors];
            public void mark_non_differentiable(List<Tensor> tensors) => NonDifferentiable = [.. tensors];
            public void set_materialize_grads(bool value) => MaterializeGrads = value;
            public void save_data(string key, object value) => data[key] = value;
            public object get_data(string key) => data.GetValueOrDefault(key);

            public List<Tensor> get_saved_variables()
            {
                if (savedCount == 0) return [];
                if (Node == 0) throw new InvalidOperationException("The saved tensors are gone: the graph has been freed.");
                var handles = new nint[savedCount];
                fixed (nint* results = handles) Native.Check(Native.bridge_node_saved(Node, results));
                return [.. Array.ConvertAll(handles, h => h == 0 ? null : new Tensor(h))];
            }

            /// <summary>Gives the tensors to save to the node, which frees them with the graph.</summary>
            internal void Save(nint node)
            {
                nint[] handles = [.. ToSave.ConvertAll(t => t is null ? 0 : t.Handle)];
                fixed (nint* tensors = handles) Native.Check(Native.bridge_node_save(node, tensors, handles.Length));
                savedCount = handles.Length;
                ToSave = [];
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing) => data.Clear();
        }
    }
}
