using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>One step of long short-term memory; gives the next hidden and cell states.</summary>
public sealed class LSTMCell : nn.Module<Tensor, (Tensor, Tensor)?, (Tensor, Tensor)>
{
    private static readonly Op _step = "lstm_cell";

    [ComponentName(Name = nameof(weight_ih))]
    private Parameter _weight_ih;
    [ComponentName(Name = nameof(weight_hh))]
    private Parameter _weight_hh;
    [ComponentName(Name = nameof(bias_ih))]
    private Parameter _bias_ih;
    [ComponentName(Name = nameof(bias_hh))]
    private Parameter _bias_hh;

    internal LSTMCell(long inputSize, long hiddenSize, bool bias, Device device, ScalarType? dtype) : base(nameof(LSTMCell))
    {
        long rows = 4 * hiddenSize;
        var bound = hiddenSize > 0 ? 1 / Math.Sqrt(hiddenSize) : 0;
        weight_ih = EmptyParameter(device, dtype, rows, inputSize);
        weight_hh = EmptyParameter(device, dtype, rows, hiddenSize);
        if (bias) (bias_ih, bias_hh) = (EmptyParameter(device, dtype, rows), EmptyParameter(device, dtype, rows));
        foreach (var weight in parameters()) nn.init.uniform_(weight, -bound, bound);
    }

    public Parameter weight_ih
    {
        get => _weight_ih;
        set => SetParameter(ref _weight_ih, value, nameof(weight_ih));
    }

    public Parameter weight_hh
    {
        get => _weight_hh;
        set => SetParameter(ref _weight_hh, value, nameof(weight_hh));
    }

    public Parameter bias_ih
    {
        get => _bias_ih;
        set => SetParameter(ref _bias_ih, value, nameof(bias_ih));
    }

    public Parameter bias_hh
    {
        get => _bias_hh;
        set => SetParameter(ref _bias_hh, value, nameof(bias_hh));
    }

    public override (Tensor, Tensor) forward(Tensor input, (Tensor, Tensor)? h0_c0)
    {
        CellInput.Check(input, _weight_ih);
        using var scope = NewDisposeScope();
        Tensor[] states = [CellInput.State(h0_c0?.Item1, input, _weight_hh, "hx"), CellInput.State(h0_c0?.Item2, input, _weight_hh, "cx")];
        var (h, c) = _step.Call2(input, states, _weight_ih, _weight_hh, Value.Optional(_bias_ih), Value.Optional(_bias_hh));
        return scope.MoveToOuter(h, c);
    }

    public new (Tensor, Tensor) call(Tensor input, (Tensor, Tensor)? h0_c0 = null) => base.call(input, h0_c0);
}
