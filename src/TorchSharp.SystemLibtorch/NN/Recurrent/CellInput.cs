using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>The input of a recurrent cell, [B, in] or [in], made a batch and checked against the weights.</summary>
internal readonly struct CellInput
{
    private readonly bool _single;
    private readonly long _hidden;

    public CellInput(Tensor input, Tensor weightIh, Tensor weightHh)
    {
        var dim = input.dim();
        if (dim is not (1 or 2)) throw new ExternalException($"Expected input to be 1D or 2D, got {dim}D instead");
        var (width, expected) = (input.size(-1), weightIh.size(1));
        if (width != expected) throw new ExternalException($"input has inconsistent input_size: got {width} expected {expected}");
        _single = dim == 1;
        _hidden = weightHh.size(1);
        Input = _single ? input.unsqueeze(0) : input;
    }

    public Tensor Input { get; }

    /// <summary>A state of the same batch, zero where none is given.</summary>
    public Tensor State(Tensor state, string name)
    {
        var batch = Input.size(0);
        if (state is null) return zeros(batch, _hidden, dtype: Input.dtype, device: Input.device);
        if (_single && state.dim() == 1) state = state.unsqueeze(0);
        if (state.size(0) != batch) throw new ExternalException($"Input batch size {batch} doesn't match hidden {name} batch size {state.size(0)}");
        if (state.size(1) != _hidden) throw new ExternalException($"hidden {name} has inconsistent hidden_size: got {state.size(1)}, expected {_hidden}");
        return state;
    }

    public Tensor Result(Tensor state) => _single ? state.squeeze(0) : state;
}
