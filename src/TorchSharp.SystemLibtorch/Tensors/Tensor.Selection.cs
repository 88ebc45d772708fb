using System;
using System.Runtime.InteropServices;
using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor gather(long dim, Tensor index) => Aten.gather.Call(this, dim, index);
        public Tensor scatter(long dim, Tensor index, Tensor src) => Aten.scatter_src.Call(this, dim, index, src);
        public Tensor scatter_(long dim, Tensor index, Tensor src) => Aten.scatter_src_.Do(this, dim, index, src);
        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Aten.scatter_add.Call(this, dim, index, src);
        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => Aten.scatter_add_.Do(this, dim, index, src);
        public Tensor index_select(long dim, Tensor index) => Aten.index_select.Call(this, dim, index);
        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) => Aten.index_add.Call(this, dim, Index(index), source, alpha);
        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) => Aten.index_add_.Do(this, dim, Index(index), source, alpha);
        public Tensor index_copy(long dim, Tensor index, Tensor source) => Aten.index_copy.Call(this, dim, Index(index), source);
        public Tensor index_copy_(long dim, Tensor index, Tensor source) => Aten.index_copy_.Do(this, dim, Index(index), source);
        public Tensor index_fill(long dim, Tensor index, Scalar value) => Aten.index_fill_int_Scalar.Call(this, dim, Index(index), value);
        public Tensor index_fill_(long dim, Tensor index, Scalar value) => Aten.index_fill_int_Scalar_.Do(this, dim, Index(index), value);
        public Tensor masked_fill(Tensor mask, Scalar value) => Aten.masked_fill_Scalar.Call(this, Mask(mask, "masked_fill"), value);
        public Tensor masked_fill_(Tensor mask, Scalar value) => Aten.masked_fill_Scalar_.Do(this, Mask(mask, "masked_fill"), value);
        public Tensor masked_select(Tensor mask) =>
            mask.dtype == ScalarType.Bool ? Aten.masked_select.Call(this, mask) : throw new ArgumentException("The mask tensor must be Boolean.");
        public Tensor masked_scatter(Tensor mask, Tensor value) => Aten.masked_scatter.Call(this, Mask(mask, "masked_scatter"), value);
        public Tensor masked_scatter_(Tensor mask, Tensor value) => Aten.masked_scatter_.Do(this, Mask(mask, "masked_scatter"), value);
        public Tensor take(Tensor index) => Aten.take.Call(this, index);
        public Tensor take_along_dim(Tensor indices) => Aten.take_along_dim.Call(this, indices);
        public Tensor take_along_dim(Tensor indices, long dim) => Aten.take_along_dim.Call(this, indices, dim);
        public Tensor nonzero() => Aten.nonzero.Call(this);
        public Tensor argwhere() => Aten.argwhere.Call(this);
        public Tensor isin(Tensor test_elements, bool assumeUnique = false, bool invert = false) => Aten.isin_Tensor_Tensor.Call(this, test_elements, assumeUnique, invert);
        public Tensor bucketize(Tensor boundaries, bool outInt32 = false, bool right = false) => Aten.bucketize.Call(this, boundaries, outInt32, right);
        public Tensor select_scatter(Tensor src, long dim, long index) => Aten.select_scatter.Call(this, src, dim, index);
        public Tensor slice_scatter(Tensor src, long dim = 0, long? start = null, long? end = null, long step = 1) => Aten.slice_scatter.Call(this, src, dim, start, end, step);
        public Tensor diagonal_scatter(Tensor src, long offset = 0, long dim1 = 0, long dim2 = 1) => Aten.diagonal_scatter.Call(this, src, offset, dim1, dim2);

        public Tensor where(Tensor condition, Tensor y) => Aten.where.Call(Condition(condition), this, y);
        public IList<Tensor> nonzero_as_list() => nonzero().split(1, 1);

        internal static Tensor Condition(Tensor condition) => condition.dtype == ScalarType.Bool ? condition : throw new ArgumentException("The condition to 'where' must be a boolean tensor.");

        private static Tensor Index(Tensor index) => index.dtype == ScalarType.Int64 ? index : throw new ArgumentException("Element type of 'index' must be 'Int64'");

        /// <summary>libtorch 1.13 would take any type of mask, and read its bytes.</summary>
        private static Tensor Mask(Tensor mask, string function) => mask.dtype == ScalarType.Bool ? mask
            : throw new ExternalException($"{function}_ only supports boolean masks, but got mask with dtype {mask.dtype}");
    }
}
