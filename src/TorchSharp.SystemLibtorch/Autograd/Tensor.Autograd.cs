using System;
using System.Collections.Generic;

namespace TorchSharp;

public static unsafe partial class torch
{
    public partial class Tensor
    {
        public bool requires_grad
        {
            get => Flag(1);
            set => Check(Native.bridge_set_requires_grad(Handle, value ? 1 : 0));
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        public void retain_grad() => Check(Native.bridge_retain_grad(Handle));

        public Tensor grad
        {
            get {
                nint grad;
                Check(Native.bridge_grad(Handle, &grad));
                return grad == 0 ? null : new Tensor(grad);
            }
            set {
                Check(Native.bridge_set_grad(Handle, value?.Handle ?? 0));
                GC.KeepAlive(value);
            }
        }

        public void backward() => autograd.backward(this);

        public void backward(IList<Tensor> grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor> inputs = null) =>
            autograd.backward([this], grad_tensors, retain_graph, create_graph, inputs);

        public Tensor detach() => Aten.detach.Call(this);
        public Tensor detach_() => Aten.detach_.Do(this);
    }

    public static partial class autograd
    {
        public static void backward(IList<Tensor> tensors, IList<Tensor> grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor> inputs = null)
        {
            nint[] roots = Handles(tensors), gradients = Handles(grad_tensors), leaves = Handles(inputs);
            fixed (nint* r = roots, g = gradients, i = leaves)
                Native.Check(Native.bridge_backward(r, roots.Length, g, gradients.Length, retain_graph ?? create_graph ? 1 : 0, create_graph ? 1 : 0, i, leaves.Length));
            GC.KeepAlive((tensors, grad_tensors, inputs));
        }

        public static void backward(Tensor tensor, IList<Tensor> grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor> inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor> inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        public static IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor> grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            nint[] roots = Handles(outputs), leaves = Handles(inputs), gradients = Handles(grad_outputs);
            var results = new nint[leaves.Length];
            fixed (nint* r = roots, i = leaves, g = gradients, o = results)
                Native.Check(Native.bridge_gradients(r, roots.Length, i, leaves.Length, g, gradients.Length, retain_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, o));
            GC.KeepAlive((outputs, inputs, grad_outputs));
            return new List<Tensor>(Op.ToTensors(results));
        }

        internal static nint[] Handles(IList<Tensor> tensors)
        {
            if (tensors is null) return [];
            var handles = new nint[tensors.Count];
            for (int i = 0; i < handles.Length; i++) handles[i] = tensors[i].Handle;
            return handles;
        }

        public static AnomalyMode detect_anomaly(bool check_nan = true) => new(true, check_nan);
        public static AnomalyMode set_detect_anomaly(bool mode, bool check_nan = true) => new(mode, check_nan);
    }

    public static IDisposable no_grad() => new GradMode(false);
    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);
    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);
    public static bool is_grad_enabled() => Native.bridge_grad_mode() != 0;
    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);
    public static bool is_inference_mode_enabled() => Native.bridge_inference_mode() != 0;

    private sealed class GradMode : IDisposable
    {
        private readonly int previous = Native.bridge_grad_mode();

        public GradMode(bool enabled) => Native.bridge_set_grad_mode(enabled ? 1 : 0);

        public void Dispose() => Native.bridge_set_grad_mode(previous);
    }

    private sealed class InferenceMode(bool mode) : IDisposable
    {
        private nint guard = Native.bridge_inference_enter(mode ? 1 : 0);

        public void Dispose()
        {
            if (guard != 0) Native.bridge_inference_leave(guard);
            guard = 0;
        }
    }
}

public class AnomalyMode : IDisposable
{
    private readonly int previous = Native.bridge_anomaly_mode();

    public AnomalyMode(bool enabled, bool check_nan = true) => Native.bridge_set_anomaly_mode(enabled ? 1 : 0, check_nan ? 1 : 0);

    public static bool IsEnabled => (Native.bridge_anomaly_mode() & 1) != 0;
    public static bool ShouldCheckNaN => (Native.bridge_anomaly_mode() & 2) != 0;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing) Native.bridge_set_anomaly_mode(previous & 1, previous >> 1);
    }
}
