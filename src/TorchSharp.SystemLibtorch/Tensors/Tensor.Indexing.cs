using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices] { get => index(indices); set => index_put_(value, indices); }
        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices] { get => index(indices); set => index_put_(value, indices); }
        [IndexerName("TensorItems")]
        public Tensor this[params long[] indices] { get => index(Singles(indices)); set => index_put_(value, Singles(indices)); }
        [IndexerName("TensorItems")]
        public Tensor this[long i1] { get => Aten.select.Call(this, 0L, i1); set => Write(value, Singles(i1)); }
        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2] { get => index(Singles(i1, i2)); set => Write(value, Singles(i1, i2)); }
        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3] { get => index(Singles(i1, i2, i3)); set => Write(value, Singles(i1, i2, i3)); }
        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4] { get => index(Singles(i1, i2, i3, i4)); set => Write(value, Singles(i1, i2, i3, i4)); }
        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4, long i5] { get => index(Singles(i1, i2, i3, i4, i5)); set => Write(value, Singles(i1, i2, i3, i4, i5)); }
        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4, long i5, long i6] { get => index(Singles(i1, i2, i3, i4, i5, i6)); set => Write(value, Singles(i1, i2, i3, i4, i5, i6)); }

        private static TensorIndex[] Singles(params long[] indices) => Array.ConvertAll(indices, i => TensorIndex.Single(i));
        private static TensorIndex[] Items(Tensor[] indices) => Array.ConvertAll(indices, TensorIndex.Tensor);

        private void Write(Tensor value, TensorIndex[] indices)
        {
            using var view = new IndexedView(this, indices);
            Aten.copy_.Do(view.Value, value);
        }

        public Tensor index(params Tensor[] indices) => index(Items(indices));

        public Tensor index(params TensorIndex[] indices)
        {
            using var view = new IndexedView(this, indices);
            return view.Tensors is null ? view.Take() : Aten.index.Call(view.Value, Value.OptionalTensors(view.Tensors));
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, Items(indices));
        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false) => index_put_(value, Items(indices), accumulate);
        public Tensor index_put_(Scalar value, params Tensor[] indices) => index_put_(value, Items(indices));
        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
        {
            using var view = new IndexedView(this, indices);
            view.Put(value, accumulate);
            return this;
        }

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using var view = new IndexedView(this, indices);
            if (view.Tensors is null) {
                Aten.fill_Scalar_.Do(view.Value, value);
            } else {
                using Tensor filled = FromScalar(value, dtype, null, device, false);
                view.Put(filled, false);
            }
            return this;
        }

        /// <summary>A tensor's view by the indices that only need views, and the index tensors that are left over.</summary>
        private struct IndexedView : IDisposable
        {
            private nint view;

            /// <summary>By dimension of the view, null where a dimension isn't indexed; null if no tensor indexes.</summary>
            public Tensor[] Tensors;

            public Value Value => Value.Borrow(view);

            public IndexedView(Tensor source, TensorIndex[] indices)
            {
                if (indices.Length == 0) throw new ExternalException("Passing an empty index list to Tensor::index() is not valid syntax");
                Native.bridge_retain(view = source.Handle);
                try {
                    Apply(indices);
                } catch {
                    Dispose();
                    throw;
                }
                GC.KeepAlive(source);
            }

            private void Apply(TensorIndex[] indices)
            {
                long rank = Native.bridge_dim(view), taken = 0;
                foreach (TensorIndex index in indices) taken += Width(index);
                if (taken > rank) throw new ExternalException($"too many indices for tensor of dimension {rank}");

                long dim = 0, left = rank - taken;
                foreach (TensorIndex index in indices) {
                    switch (index.kind) {
                    case TensorIndex.Kind.Single:
                        Become(Aten.select.CallHandle(Value, dim, index.start ?? 0));
                        break;
                    case TensorIndex.Kind.Slice:
                        if (index.start is not null || index.stop is not null || index.step is not null)
                            Become(Aten.slice.CallHandle(Value, dim, index.start, index.stop, index.step ?? 1));
                        dim++;
                        break;
                    case TensorIndex.Kind.Ellipsis:
                        dim += left;
                        break;
                    case TensorIndex.Kind.None or TensorIndex.Kind.Null:
                        Become(Aten.unsqueeze.CallHandle(Value, dim++));
                        break;
                    case TensorIndex.Kind.Bool:
                        Become(Aten.unsqueeze.CallHandle(Value, dim));
                        Record(dim++, index.start != 0 ? zeros(1, dtype: ScalarType.Int64) : empty(0, dtype: ScalarType.Int64));
                        break;
                    case TensorIndex.Kind.Tensor when IsNumber(index.tensor):
                        Become(Aten.select.CallHandle(Value, dim, index.tensor.ToInt64()));
                        break;
                    case TensorIndex.Kind.Tensor:
                        Record(dim, index.tensor);
                        dim += Width(index);
                        break;
                    }
                }
            }

            private static bool IsMask(Tensor tensor) => tensor.dtype is ScalarType.Bool or ScalarType.Byte;
            private static bool IsNumber(Tensor tensor) => tensor.Dimensions == 0 && tensor.is_integral() && !IsMask(tensor);

            private static long Width(TensorIndex index) => index.kind switch {
                TensorIndex.Kind.Single or TensorIndex.Kind.Slice => 1,
                TensorIndex.Kind.Tensor => IsMask(index.tensor) ? index.tensor.Dimensions : 1,
                _ => 0,
            };

            private void Become(nint next)
            {
                Native.bridge_free(view);
                view = next;
            }

            private void Record(long dim, Tensor tensor)
            {
                if (dim >= (Tensors?.Length ?? 0)) Array.Resize(ref Tensors, (int)dim + 1);
                Tensors[dim] = tensor;
            }

            /// <summary>Hands the view out.</summary>
            public Tensor Take()
            {
                nint taken = view;
                view = 0;
                return new Tensor(taken);
            }

            /// <summary>Writes the value, broadcast, through the view.</summary>
            public void Put(Tensor value, bool accumulate)
            {
                if (Tensors is not null) {
                    Aten.index_put_.Do(Value, Value.OptionalTensors(Tensors), value, accumulate);
                } else if (accumulate) {
                    Aten.add_.Do(Value, value);
                } else {
                    long excess = value.Dimensions - Native.bridge_dim(view);
                    if (excess <= 0) {
                        Aten.copy_.Do(Value, value);
                    } else {
                        using Tensor narrow = value.reshape(value.shape[(int)excess..]);
                        Aten.copy_.Do(Value, narrow);
                    }
                }
            }

            public void Dispose()
            {
                if (view != 0) Native.bridge_free(view);
                view = 0;
            }
        }
    }
}
