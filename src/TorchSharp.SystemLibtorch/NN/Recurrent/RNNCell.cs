using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>One step of a plain recurrent network: tanh(W·x + b + V·h + c), or relu.</summary>
public sealed class RNNCell : nn.Module<Tensor, Tensor, Tensor>
{
    private static readonly Op _tanh = "rnn_tanh_cell", _relu = "rnn_relu_cell";
    private readonly Op _step;

    [ComponentName(Name = nameof(weight_ih))]
    private Parameter _weight_ih;
    [ComponentName(Name = nameof(weight_hh))]
    private Parameter _weight_hh;
    [ComponentName(Name = nameof(bias_ih))]
    private Parameter _bias_ih;
    [ComponentName(Name = nameof(bias_hh))]
    private Parameter _bias_hh;

    internal RNNCell(long inputSize, long hiddenSize, nn.NonLinearities nonLinearity, bool bias, Device device, ScalarType? dtype) : base(nameof(RNNCell))
    {
        _step = nonLinearity == nn.NonLinearities.Tanh ? _tanh : _relu;
        long rows = hiddenSize;
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

    public override Tensor forward(Tensor input, Tensor h0 = null)
    {
        CellInput.Check(input, _weight_ih);
        using var scope = NewDisposeScope();
        var state = CellInput.State(h0, input, _weight_hh, "hx");
        return _step.Call(input, state, _weight_ih, _weight_hh, Value.Optional(_bias_ih), Value.Optional(_bias_hh)).MoveToOuterDisposeScope();
    }
}
