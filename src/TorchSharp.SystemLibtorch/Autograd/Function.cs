using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace TorchSharp;

public static unsafe partial class torch
{
    public static partial class autograd
    {
        public abstract class Function<T> where T : Function<T>, new()
        {
            private static readonly T instance = new();

            protected Function() { }

            public abstract string Name { get; }

            internal abstract List<Tensor> forward_internal(AutogradContext ctx, params object[] vars);
            internal abstract List<Tensor> backward_internal(AutogradContext ctx, List<Tensor> grad_outputs);

            public static List<Tensor> apply_internal(params object[] vars)
            {
                var call = new FunctionCall(instance.Name, vars, instance.backward_internal);
                nint node = call.CreateNode();
                try {
                    List<Tensor> outputs;
                    using (no_grad()) outputs = instance.forward_internal(call.Context, vars);
                    return call.Finish(node, outputs);
                } finally {
                    if (node != 0) Native.bridge_node_free(node);
                }
            }
        }

        public abstract class SingleTensorFunction<T> : Function<T> where T : SingleTensorFunction<T>, new()
        {
            protected SingleTensorFunction() { }

            public static Tensor apply(params object[] vars) => apply_internal(vars)[0];

            public abstract Tensor forward(AutogradContext ctx, params object[] vars);
            public abstract List<Tensor> backward(AutogradContext ctx, Tensor grad_output);

            internal sealed override List<Tensor> forward_internal(AutogradContext ctx, params object[] vars) => [forward(ctx, vars)];
            internal sealed override List<Tensor> backward_internal(AutogradContext ctx, List<Tensor> grad_outputs) => backward(ctx, grad_outputs[0]);
        }

        public abstract class MultiTensorFunction<T> : Function<T> where T : MultiTensorFunction<T>, new()
        {
            protected MultiTensorFunction() { }

            public static List<Tensor> apply(params object[] vars) => apply_internal(vars);

            public abstract List<Tensor> forward(AutogradContext ctx, params object[] vars);
            public abstract List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs);

            internal sealed override List<Tensor> forward_internal(AutogradContext ctx, params object[] vars) => forward(ctx, vars);
            internal sealed override List<Tensor> backward_internal(AutogradContext ctx, List<Tensor> grad_outputs) => backward(ctx, grad_outputs);
        }

        /// <summary>One application of a custom function, kept alive by its native node until the graph is freed.</summary>
        private sealed class FunctionCall(string name, object[] vars, Func<AutogradContext, List<Tensor>, List<Tensor>> backward)
        {
            private enum OutputKind { Fresh, Input, Dirty, NotDifferentiable }

            public readonly AutogradContext Context = new();
            private readonly bool[] isTensor = [.. vars.Select(v => v is Tensor { IsInvalid: false })];
            private readonly nint[] inputs = [.. vars.OfType<Tensor>().Where(t => !t.IsInvalid).Select(t => t.Handle)];
            private (long[] Shape, ScalarType Type, Device Device)[] outputInfo;

            /// <summary>The node for backward, or 0 if no input needs a gradient.</summary>
            public nint CreateNode()
            {
                nint node;
                nint state = GCHandle.ToIntPtr(GCHandle.Alloc(this));
                fixed (nint* handles = inputs) {
                    int status = Native.bridge_node_new(state, &Apply, &Free, handles, inputs.Length, &node);
                    if (status < 0 || node == 0) GCHandle.FromIntPtr(state).Free();
                    Native.Check(status);
                }
                if (node != 0) Context.Node = Native.bridge_node_raw(node);
                return node;
            }

            public List<Tensor> Finish(nint node, List<Tensor> outputs)
            {
                if (node == 0) return [.. outputs.Select(t => t.alias())];
                outputInfo = [.. outputs.Select(t => (t.shape, t.dtype, t.device))];
                var results = new List<Tensor>();
                foreach (Tensor output in outputs) {
                    nint result;
                    Native.Check(Native.bridge_node_output(node, output.Handle, (int)KindOf(output), &result));
                    results.Add(new Tensor(result));
                }
                Context.Save(node);
                return results;
            }

            private OutputKind KindOf(Tensor output)
            {
                bool In(List<Tensor> tensors) => tensors.Any(t => t.Handle == output.Handle);
                return In(Context.NonDifferentiable) ? OutputKind.NotDifferentiable : In(Context.Dirty) ? OutputKind.Dirty
                    : inputs.Contains(output.Handle) ? OutputKind.Input : OutputKind.Fresh;
            }

            private void Backward(ReadOnlySpan<nint> gradients, Span<nint> results)
            {
                using DisposeScope scope = NewDisposeScope();
                var incoming = new List<Tensor>();
                for (int i = 0; i < gradients.Length; i++) {
                    (long[] shape, ScalarType type, Device device) = outputInfo[i];
                    incoming.Add(gradients[i] != 0 ? new Tensor(gradients[i]) : Context.MaterializeGrads ? zeros(shape, type, device) : new Tensor(0));
                }
                List<Tensor> outgoing = backward(Context, incoming);
                if (outgoing.Count < isTensor.Length || outgoing.Skip(isTensor.Length).Any(t => t is { IsInvalid: false }))
                    throw new NotImplementedException($"Function {name} returned an incorrect number of gradients (expected {isTensor.Length}), got {outgoing.Count}");
                int next = 0;
                for (int i = 0; i < isTensor.Length; i++) {
                    nint handle = outgoing[i]?.handle ?? 0;
                    if (!isTensor[i]) {
                        if (handle != 0) throw new NotImplementedException($"Function {name} returned a gradient at position {i + 1}, but the corresponding forward input was not a Tensor");
                        continue;
                    }
                    if (handle != 0) Native.bridge_retain(handle);
                    results[next++] = handle;
                }
            }

            [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
            private static int Apply(nint state, nint* gradients, int count, nint* results, int expected)
            {
                try {
                    ((FunctionCall)GCHandle.FromIntPtr(state).Target).Backward(new(gradients, count), new(results, expected));
                    return 0;
                } catch (Exception e) {
                    fixed (byte* message = Encoding.UTF8.GetBytes(e.Message + '\0')) Native.bridge_set_error(message);
                    return -1;
                }
            }

            [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
            private static void Free(nint state)
            {
                GCHandle handle = GCHandle.FromIntPtr(state);
                ((FunctionCall)handle.Target).Context.Node = 0;
                handle.Free();
            }
        }
    }
}
