using System;

namespace TorchSharp;

public static unsafe partial class torch
{
    public partial class Tensor
    {
        public long Dimensions => Native.bridge_dim(Handle);
        public long dim() => Dimensions;
        public long ndim => Dimensions;

        public long NumberOfElements => Native.bridge_numel(Handle);
        public long numel() => NumberOfElements;

        public long ElementSize => Native.bridge_element_size(Handle);
        public long element_size() => ElementSize;

        public long[] shape => size();

        public long[] size()
        {
            var sizes = new long[Dimensions];
            fixed (long* pointer = sizes) Native.bridge_sizes(handle, pointer);
            return sizes;
        }

        public long size(int dim)
        {
            int rank = (int)Dimensions;
            long* sizes = stackalloc long[rank];
            Native.bridge_sizes(handle, sizes);
            return sizes[WrapDimension(dim, rank)];
        }

        public long[] stride()
        {
            var strides = new long[Dimensions];
            fixed (long* pointer = strides) Check(Native.bridge_strides(handle, pointer));
            return strides;
        }

        public long stride(int dim)
        {
            long[] strides = stride();
            return strides[WrapDimension(dim, strides.Length)];
        }

        private static int WrapDimension(int dim, int rank)
        {
            if (dim < -rank || dim >= rank)
                throw new System.Runtime.InteropServices.ExternalException(rank == 0
                    ? "Dimension specified as " + dim + " but tensor has no dimensions"
                    : $"Dimension out of range (expected to be in range of [{-rank}, {rank - 1}], but got {dim})");
            return dim < 0 ? dim + rank : dim;
        }

        public long storage_offset()
        {
            long offset;
            Check(Native.bridge_storage_offset(Handle, &offset));
            return offset;
        }

        public ScalarType dtype => (ScalarType)Native.bridge_dtype(Handle);

        public Device device
        {
            get {
                int index;
                int type = Native.bridge_device(Handle, &index);
                return type == (int)DeviceType.CPU && index < 0 ? CPU : new Device((DeviceType)type, index);
            }
        }

        public int device_index { get { int index; Native.bridge_device(Handle, &index); return index; } }
        public DeviceType device_type { get { int index; return (DeviceType)Native.bridge_device(Handle, &index); } }
        public bool is_cuda => device_type == DeviceType.CUDA;
        public bool is_meta => device_type == DeviceType.META;
        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_integral() => torch.is_integral(dtype);
        public bool is_floating_point() => torch.is_floating_point(dtype);
        public bool is_complex() => torch.is_complex(dtype);

        private bool Flag(int bit) => (Check(Native.bridge_flags(Handle)) & bit) != 0;
        public bool is_leaf => Flag(2);
        public bool is_contiguous() => Flag(4);
        public bool is_sparse => !Flag(8);

        public bool is_nonzero()
        {
            if (numel() != 1) throw new InvalidOperationException("is_nonzero() called on non-singleton tensor");
            return Aten.is_nonzero.CallBool(this);
        }
    }

    public static bool is_nonzero(Tensor input) => input.is_nonzero();
    public static long numel(Tensor input) => input.numel();
}
