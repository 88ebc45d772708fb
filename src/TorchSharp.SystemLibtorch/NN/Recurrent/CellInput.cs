using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What recurrent cells demand of an input [B, in] and a state [B, hidden]; the operators would broadcast.</summary>
internal static class CellInput
{
    public static void Check(Tensor input, Tensor weightIh)
    {
        if (input.dim() != 2) throw new ExternalException($"Expected input to be 2D, got {input.dim()}D instead");
        var (width, expected) = (input.size(1), weightIh.size(1));
        if (width != expected) throw new ExternalException($"input has inconsistent input_size: got {width} expected {expected}");
    }

    /// <summary>A state that fits the input; zero where none is given.</summary>
    public static Tensor State(Tensor state, Tensor input, Tensor weightHh, string name)
    {
        var (batch, hidden) = (input.size(0), weightHh.size(1));
        if (state is null) return zeros(batch, hidden, dtype: input.dtype, device: input.device);
        if (state.dim() != 2) throw new ExternalException($"Expected hidden {name} to be 2D, got {state.dim()}D instead");
        if (state.size(0) != batch) throw new ExternalException($"Input batch size {batch} doesn't match hidden {name} batch size {state.size(0)}");
        if (state.size(1) != hidden) throw new ExternalException($"hidden {name} has inconsistent hidden_size: got {state.size(1)}, expected {hidden}");
        return state;
    }
}
