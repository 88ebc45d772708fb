using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>The C interface of native/bridge.cpp, one to one. Status is negative on failure: pass it to <see cref="Check"/>.</summary>
internal static unsafe class Native
{
    private const string Lib = NativeLoader.LibraryName;

    static Native() => NativeLoader.Install();

    /// <summary>Makes sure the native libraries are loaded.</summary>
    public static void Load() => _ = bridge_threads();

    public static int Check(int status) => status >= 0 ? status : throw new ExternalException(Marshal.PtrToStringUTF8((nint)bridge_error()));

    [DllImport(Lib)] public static extern byte* bridge_error();
    [DllImport(Lib)] public static extern void bridge_set_error(byte* message);
    [DllImport(Lib)] public static extern byte* bridge_version();

    [DllImport(Lib)] public static extern nint bridge_find(byte* name, byte* overload);
    [DllImport(Lib)] public static extern int bridge_call(nint op, NativeValue* args, int count, NativeValue* results, int wanted);

    [DllImport(Lib)] public static extern void bridge_free(nint tensor);
    [DllImport(Lib), SuppressGCTransition] public static extern void bridge_retain(nint tensor);
    [DllImport(Lib), SuppressGCTransition] public static extern long bridge_dim(nint tensor);
    [DllImport(Lib), SuppressGCTransition] public static extern long bridge_numel(nint tensor);
    [DllImport(Lib), SuppressGCTransition] public static extern void bridge_sizes(nint tensor, long* sizes);
    [DllImport(Lib)] public static extern int bridge_strides(nint tensor, long* strides);
    [DllImport(Lib), SuppressGCTransition] public static extern int bridge_dtype(nint tensor);
    [DllImport(Lib), SuppressGCTransition] public static extern long bridge_element_size(nint tensor);
    [DllImport(Lib), SuppressGCTransition] public static extern int bridge_device(nint tensor, int* index);
    [DllImport(Lib)] public static extern int bridge_flags(nint tensor);
    [DllImport(Lib)] public static extern int bridge_storage_offset(nint tensor, long* offset);
    [DllImport(Lib)] public static extern int bridge_data(nint tensor, void** data);
    [DllImport(Lib)] public static extern int bridge_storage(nint tensor, void** data, long* bytes);
    [DllImport(Lib)] public static extern int bridge_from_data(void* data, int dtype, long* sizes, int dims, int deviceType, int deviceIndex, nint* result);
    [DllImport(Lib)] public static extern int bridge_from_blob(void* data, int dtype, long* sizes, int dims, nint state, delegate* unmanaged[Cdecl]<nint, void> free, nint* result);

    [DllImport(Lib)] public static extern int bridge_set_requires_grad(nint tensor, int value);
    [DllImport(Lib)] public static extern int bridge_retain_grad(nint tensor);
    [DllImport(Lib)] public static extern int bridge_grad(nint tensor, nint* grad);
    [DllImport(Lib)] public static extern int bridge_set_grad(nint tensor, nint grad);
    [DllImport(Lib)] public static extern int bridge_set_data(nint tensor, nint data);
    [DllImport(Lib)] public static extern int bridge_backward(nint* roots, int rootCount, nint* gradients, int gradientCount, int retain, int create, nint* inputs, int inputCount);
    [DllImport(Lib)] public static extern int bridge_gradients(nint* roots, int rootCount, nint* inputs, int inputCount, nint* gradients, int gradientCount, int retain, int create, int allowUnused, nint* results);
    [DllImport(Lib), SuppressGCTransition] public static extern int bridge_grad_mode();
    [DllImport(Lib), SuppressGCTransition] public static extern void bridge_set_grad_mode(int enabled);
    [DllImport(Lib)] public static extern int bridge_inference_mode();
    [DllImport(Lib)] public static extern nint bridge_inference_enter(int enabled);
    [DllImport(Lib)] public static extern void bridge_inference_leave(nint guard);
    [DllImport(Lib)] public static extern int bridge_anomaly_mode();
    [DllImport(Lib)] public static extern void bridge_set_anomaly_mode(int enabled, int checkNaN);

    [DllImport(Lib)] public static extern int bridge_node_new(nint state, delegate* unmanaged[Cdecl]<nint, nint*, int, nint*, int, int> apply, delegate* unmanaged[Cdecl]<nint, void> free, nint* inputs, int count, nint* node);
    [DllImport(Lib)] public static extern void bridge_node_free(nint node);
    [DllImport(Lib)] public static extern int bridge_node_output(nint node, nint tensor, int kind, nint* result);
    [DllImport(Lib)] public static extern int bridge_node_save(nint node, nint* tensors, int count);
    [DllImport(Lib)] public static extern nint bridge_node_raw(nint node);
    [DllImport(Lib)] public static extern int bridge_node_saved(nint raw, nint* results);

    [DllImport(Lib)] public static extern int bridge_default_dtype();
    [DllImport(Lib)] public static extern int bridge_set_default_dtype(int dtype);
    [DllImport(Lib)] public static extern int bridge_threads();
    [DllImport(Lib)] public static extern int bridge_set_threads(int count);
    [DllImport(Lib)] public static extern int bridge_interop_threads();
    [DllImport(Lib)] public static extern int bridge_set_interop_threads(int count);

    [DllImport(Lib)] public static extern int bridge_manual_seed(ulong seed);
    [DllImport(Lib)] public static extern int bridge_generator_default(int deviceType, int deviceIndex, nint* generator);
    [DllImport(Lib)] public static extern int bridge_generator_new(ulong seed, int deviceType, int deviceIndex, nint* generator);
    [DllImport(Lib)] public static extern void bridge_generator_free(nint generator);
    [DllImport(Lib)] public static extern int bridge_generator_seed(nint generator, ulong seed);
    [DllImport(Lib)] public static extern ulong bridge_generator_initial_seed(nint generator);
    [DllImport(Lib)] public static extern int bridge_generator_state(nint generator, nint* state);
    [DllImport(Lib)] public static extern int bridge_generator_set_state(nint generator, nint state);

    [DllImport(Lib)] public static extern int bridge_device_count(int deviceType);
    [DllImport(Lib)] public static extern int bridge_has_cudnn();
    [DllImport(Lib)] public static extern int bridge_cuda_synchronize(int deviceIndex);
    [DllImport(Lib)] public static extern int bridge_cuda_seed(ulong seed, int all);
    [DllImport(Lib)] public static extern int bridge_allow_tf32(int which);
    [DllImport(Lib)] public static extern int bridge_set_allow_tf32(int which, int value);
}
