using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace TorchSharp;

/// <summary>
/// An operator of libtorch's dispatcher, found on first use. How to add a member to the API:
/// <code>
/// static readonly Op gelu = "gelu", add = "add.Tensor";        // "name" or "name.overload", namespace aten
/// Tensor result = gelu.Call(input, "none");                     // arguments in the order of the operator's schema,
///                                                               // keyword-only ones included; trailing defaults may be left out
/// var (values, indices) = sort.Call2(input, dim, descending);   // Call2, Call3, CallList, CallLong, CallDouble, CallBool
/// return add_.Do(input, other);                                 // in place: gives back its first argument
/// if (attention.Exists) …                                       // whether this libtorch has it
/// </code>
/// Arguments convert implicitly to <see cref="Value"/>: Tensor, long, double, bool, Scalar, ScalarType, Device, Generator,
/// string, long[], double[], Tensor[]; null arrays, devices, generators and strings are None, as is <c>default(Value)</c>.
/// A null Tensor throws NullReferenceException, as in TorchSharp, unless wrapped by Value.Optional. A parameter of the
/// schema's type <c>float</c> needs a C# double, one of type <c>int</c> a long: numbers aren't converted.
/// Schemas: torch._C._jit_get_all_schemas() in Python.
/// </summary>
internal sealed unsafe class Op(string name, string overload = "")
{
    private const int MaxResults = 8;
    private const int StackScratch = 64;

    private nint handle;

    /// <summary>The operator aten::TEXT, where text is "name" or "name.overload".</summary>
    public static implicit operator Op(string text)
    {
        int dot = text.IndexOf('.');
        return dot < 0 ? new Op("aten::" + text) : new Op("aten::" + text[..dot], text[(dot + 1)..]);
    }

    public override string ToString() => overload.Length == 0 ? name : $"{name}.{overload}";

    /// <summary>Whether the loaded libtorch has this operator.</summary>
    public bool Exists => handle != 0 || Find() != 0;

    public torch.Tensor Call(params ReadOnlySpan<Value> args)
    {
        NativeValue result;
        Invoke(args, &result, 1);
        return ToTensor(result);
    }

    /// <summary>The result as a handle, for the caller to free or to wrap.</summary>
    public nint CallHandle(params ReadOnlySpan<Value> args) => (nint)CallValue(args).Bits;

    public (torch.Tensor, torch.Tensor) Call2(params ReadOnlySpan<Value> args)
    {
        NativeValue* results = stackalloc NativeValue[2];
        Invoke(args, results, 2);
        return (ToTensor(results[0]), ToTensor(results[1]));
    }

    public (torch.Tensor, torch.Tensor, torch.Tensor) Call3(params ReadOnlySpan<Value> args)
    {
        NativeValue* results = stackalloc NativeValue[3];
        Invoke(args, results, 3);
        return (ToTensor(results[0]), ToTensor(results[1]), ToTensor(results[2]));
    }

    /// <summary>For an operator that returns a list of tensors, or more than three.</summary>
    public torch.Tensor[] CallList(params ReadOnlySpan<Value> args)
    {
        NativeValue* results = stackalloc NativeValue[MaxResults];
        int count = Invoke(args, results, MaxResults);
        if (count == 1 && results[0].Tag == Tag.TensorList)
            return ToTensors(new ReadOnlySpan<nint>((void*)results[0].Bits, results[0].Count));
        var tensors = new torch.Tensor[count];
        for (int i = 0; i < count; i++) tensors[i] = ToTensor(results[i]);
        return tensors;
    }

    /// <summary>Calls and drops the results; gives back the first argument, a tensor changed in place.</summary>
    public torch.Tensor Do(params ReadOnlySpan<Value> args)
    {
        Invoke(args, null, 0);
        return (torch.Tensor)args[0].Reference;
    }

    public bool CallBool(params ReadOnlySpan<Value> args) => CallValue(args).Bits != 0;

    public long CallLong(params ReadOnlySpan<Value> args) => CallValue(args).Bits;

    public double CallDouble(params ReadOnlySpan<Value> args) => BitConverter.Int64BitsToDouble(CallValue(args).Bits);

    /// <summary>The first result as it is: for operators that return a number.</summary>
    public NativeValue CallValue(params ReadOnlySpan<Value> args)
    {
        NativeValue result;
        Invoke(args, &result, 1);
        return result;
    }

    [SkipLocalsInit]
    private int Invoke(ReadOnlySpan<Value> args, NativeValue* results, int wanted)
    {
        nint op = handle != 0 ? handle : Resolve();
        NativeValue* native = stackalloc NativeValue[args.Length];
        int scratchLength = 0;
        for (int i = 0; i < args.Length; i++) {
            native[i] = args[i].Native;
            if (native[i].Tag >= Tag.IntList) scratchLength += args[i].ScratchLength;
        }
        int status;
        if (scratchLength == 0) {
            status = Native.bridge_call(op, native, args.Length, results, wanted);
        } else if (scratchLength <= StackScratch) {
            long* scratch = stackalloc long[StackScratch];
            CopyLists(args, native, scratch);
            status = Native.bridge_call(op, native, args.Length, results, wanted);
        } else {
            fixed (long* scratch = new long[scratchLength]) {
                CopyLists(args, native, scratch);
                status = Native.bridge_call(op, native, args.Length, results, wanted);
            }
        }
        return Native.Check(status);
    }

    private static void CopyLists(ReadOnlySpan<Value> args, NativeValue* native, long* scratch)
    {
        for (int i = 0; i < args.Length; i++) {
            int length = args[i].ScratchLength;
            if (native[i].Tag is Tag.Device or Tag.Generator || native[i].Tag < Tag.IntList) continue;
            native[i] = args[i].CopyTo(scratch);
            scratch += length;
        }
    }

    private nint Resolve() => Find() is var found and not 0
        ? found
        : throw new NotSupportedException($"libtorch {Marshal.PtrToStringUTF8((nint)Native.bridge_version())} has no operator {this}.");

    private nint Find()
    {
        fixed (byte* n = Encoding.UTF8.GetBytes(name + '\0'), o = Encoding.UTF8.GetBytes(overload + '\0'))
            return handle = Native.bridge_find(n, o);
    }

    private static torch.Tensor ToTensor(NativeValue value)
    {
        Debug.Assert(value.Tag == Tag.Tensor);
        return new torch.Tensor((nint)value.Bits);
    }

    /// <summary>Wraps handles that the caller owns.</summary>
    internal static torch.Tensor[] ToTensors(ReadOnlySpan<nint> handles)
    {
        var tensors = new torch.Tensor[handles.Length];
        for (int i = 0; i < tensors.Length; i++) tensors[i] = new torch.Tensor(handles[i]);
        return tensors;
    }
}
