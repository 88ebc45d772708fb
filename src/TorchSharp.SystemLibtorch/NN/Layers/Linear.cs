using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>x·weightᵀ + bias; weight [out, in]</summary>
public sealed class Linear : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = nameof(weight))]
    private Parameter _weight;
    [ComponentName(Name = nameof(bias))]
    private Parameter _bias;

    internal Linear(Parameter weight, Parameter bias) : base(nameof(Linear))
    {
        (out_features, in_features) = (weight.size(0), weight.size(1));
        (this.weight, this.bias) = (weight, bias);
    }

    internal Linear(long inputSize, long outputSize, bool hasBias, Device device, ScalarType? dtype) : base(nameof(Linear))
    {
        (in_features, out_features) = (inputSize, outputSize);
        weight = EmptyParameter(device, dtype, outputSize, inputSize);
        nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
        if (!hasBias) return;
        bias = EmptyParameter(device, dtype, outputSize);
        var bound = inputSize > 0 ? 1 / Math.Sqrt(inputSize) : 0;
        nn.init.uniform_(bias, -bound, bound);
    }

    public long in_features { get; set; }

    public long out_features { get; set; }

    public Parameter weight
    {
        get => _weight;
        set => SetParameter(ref _weight, value, nameof(weight));
    }

    public Parameter bias
    {
        get => _bias;
        set => SetParameter(ref _bias, value, nameof(bias));
    }

    public override Tensor forward(Tensor tensor) => nn.functional.linear(tensor, _weight, _bias);
}
