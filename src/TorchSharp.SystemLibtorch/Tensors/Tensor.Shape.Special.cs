using System;
using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor T => Aten.numpy_T.Call(this);
        public Tensor H => Aten.matrix_H.Call(this);
        public Tensor mT => Aten.mT.Call(this);
        public Tensor mH => Aten.mH.Call(this);

        public Tensor permute(IEnumerable<long> permutation) => permute([.. permutation]);
        public Tensor squeeze(long? dim = null) => dim is long d ? Aten.squeeze_dim.Call(this, d) : Aten.squeeze.Call(this);
        public Tensor squeeze_(long? dim = null) => dim is long d ? Aten.squeeze_dim_.Do(this, d) : Aten.squeeze_.Do(this);
        public Tensor unflatten(long dim, Size sizes) => unflatten(dim, sizes.Shape);
        public Tensor expand(Size sizes, bool isImplicit = false) => expand(sizes.Shape, isImplicit);

        public Tensor roll(long shifts, long? dims = null) => Aten.roll.Call(this, new[] { shifts }, dims is long d ? new[] { d } : Array.Empty<long>());
        public Tensor roll((long, long) shifts, (long, long) dims) => roll(new[] { shifts.Item1, shifts.Item2 }, new[] { dims.Item1, dims.Item2 });
        public Tensor roll((long, long, long) shifts, (long, long, long) dims) => roll(new[] { shifts.Item1, shifts.Item2, shifts.Item3 }, new[] { dims.Item1, dims.Item2, dims.Item3 });
        public Tensor rot90(long k = 1, (long, long)? dims = null) => Aten.rot90.Call(this, k, dims is var (a, b) ? new[] { a, b } : new long[] { 0, 1 });

        public Tensor slice(long dim, long start, long finish, long step) => Aten.slice.Call(this, dim, start, finish, step);
        public Tensor contiguous() => Aten.contiguous.Call(this);
        public Tensor clone() => Aten.clone.Call(this);
        public Tensor copy_(Tensor source, bool nonBlocking = false) => Aten.copy_.Do(this, source, nonBlocking);
        public Tensor fill_(Scalar value) => Aten.fill_Scalar_.Do(this, value);
        public Tensor zero_() => Aten.zero_.Do(this);
        public Tensor set_(Tensor source) => Aten.set_source_Tensor_.Do(this, source);

        public Tensor where(Tensor condition, Tensor y) => Aten.where.Call(condition, this, y);
        public IList<Tensor> nonzero_as_list() => Aten.nonzero_numpy.CallList(this);
        public Tensor tensordot(Tensor b, long dims = 2)
        {
            var first = new long[dims];
            var second = new long[dims];
            for (int i = 0; i < dims; i++) (first[i], second[i]) = (ndim - dims + i, i);
            return tensordot(b, first, second);
        }
        public Tensor pinverse(double rcond = 1e-15, bool hermitian = false) => Aten.linalg_pinv.Call(this, rcond, hermitian);
        public Tensor random_(double from, double to, Generator generator = null) => Aten.random_from_.Do(this, (long)from, (long)to, generator);
    }
}
