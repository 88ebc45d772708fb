using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Scale, shift and running statistics of the norms over batches.</summary>
public abstract class NormBase : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = nameof(weight))]
    private Parameter _weight;
    [ComponentName(Name = nameof(bias))]
    private Parameter _bias;
    [ComponentName(Name = nameof(running_mean))]
    private Tensor _running_mean;
    [ComponentName(Name = nameof(running_var))]
    private Tensor _running_var;
    [ComponentName(Name = nameof(num_batches_tracked))]
    private Tensor _num_batches_tracked;

    public NormBase(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device device, ScalarType? dtype, string name) : base(name)
    {
        (this.num_features, this.eps, this.momentum) = (num_features, eps, momentum);
        (this.affine, this.track_running_stats) = (affine, track_running_stats);
        if (affine) (weight, bias) = (EmptyParameter(device, dtype, num_features), EmptyParameter(device, dtype, num_features));
        if (track_running_stats)
        {
            running_mean = zeros(num_features, dtype: dtype, device: device);
            running_var = ones(num_features, dtype: dtype, device: device);
            num_batches_tracked = zeros(Array.Empty<long>(), dtype: ScalarType.Int64, device: device);
        }
        reset_parameters();
    }

    public long num_features { get; }

    public double eps { get; set; }

    public double? momentum { get; set; }

    public bool affine { get; }

    public bool track_running_stats { get; }

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

    public Tensor running_mean
    {
        get => _running_mean;
        set => SetBuffer(ref _running_mean, value, nameof(running_mean));
    }

    public Tensor running_var
    {
        get => _running_var;
        set => SetBuffer(ref _running_var, value, nameof(running_var));
    }

    public Tensor num_batches_tracked
    {
        get => _num_batches_tracked;
        set => SetBuffer(ref _num_batches_tracked, value, nameof(num_batches_tracked));
    }

    public void reset_running_stats()
    {
        if (!track_running_stats) return;
        nn.init.zeros_(running_mean);
        nn.init.ones_(running_var);
        nn.init.zeros_(num_batches_tracked);
    }

    public void reset_parameters()
    {
        reset_running_stats();
        if (!affine) return;
        nn.init.ones_(weight);
        nn.init.zeros_(bias);
    }

    protected abstract void ValidateInputDimensions(Tensor input);
}
