using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Weights and options of all convolutions; weight [out, in / groups, kernel…], transposed [in, out / groups, kernel…]</summary>
public abstract class Convolution : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = nameof(bias))]
    protected Parameter _bias;
    [ComponentName(Name = nameof(weight))]
    protected Parameter _weight;

    // As functional.pad takes it: pairs from the last dimension backwards.
    protected long[] _reversed_padding_repeated_twice;

    protected Convolution(string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[] padding, Padding? padding_type,
        long[] dilation, bool transposed, long[] output_padding, long groups, bool bias, PaddingModes padding_mode,
        Device device = null, ScalarType? dtype = null) : base(name)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(groups);
        if (transposed && padding_mode != PaddingModes.Zeros)
            throw new ArgumentException($"A transposed convolution pads with zeros, not {padding_mode}.", nameof(padding_mode));
        (this.in_channels, this.out_channels, this.groups) = (in_channels, out_channels, groups);
        (this.kernel_size, this.stride, this.dilation, this.output_padding) = (kernel_size, stride, dilation, output_padding);
        (this.transposed, this.padding_mode) = (transposed, padding_mode);
        if (padding_type is { } type) SetPadding(type);
        else SetPadding(padding ?? new long[kernel_size.Length]);

        long[] channels = transposed ? [in_channels, out_channels / groups] : [out_channels, in_channels / groups];
        weight = EmptyParameter(device, dtype, [.. channels, .. kernel_size]);
        if (bias) this.bias = EmptyParameter(device, dtype, out_channels);
        reset_parameters();
    }

    public long in_channels { get; }

    public long out_channels { get; }

    public bool transposed { get; }

    public Padding? padding_type { get; private set; }

    public long[] padding { get; private set; }

    public PaddingModes padding_mode { get; set; }

    public long groups { get; set; }

    public long[] kernel_size { get; set; }

    public long[] stride { get; set; }

    public long[] dilation { get; set; }

    public long[] output_padding { get; set; }

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

    public void reset_parameters()
    {
        nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
        if (bias is null) return;
        var (fanIn, _) = nn.init.CalculateFanInAndFanOut(weight);
        var bound = fanIn > 0 ? 1 / Math.Sqrt(fanIn) : 0;
        nn.init.uniform_(bias, -bound, bound);
    }

    public void SetPadding(long[] padding)
    {
        (this.padding, padding_type) = (padding, null);
        _reversed_padding_repeated_twice = [.. padding.Reverse().SelectMany(size => new[] { size, size })];
    }

    public void SetPadding(Padding padding)
    {
        if (transposed) throw new ArgumentException("A transposed convolution takes its padding in numbers.", nameof(padding));
        if (padding == Padding.Same && stride.Any(step => step != 1))
            throw new ArgumentException("A convolution with a stride can't keep the size.", nameof(padding));
        (this.padding, padding_type) = (null, padding);
        _reversed_padding_repeated_twice = [.. Enumerable.Range(0, kernel_size.Length).Reverse().SelectMany(Pair)];

        long[] Pair(int dim)
        {
            var total = padding == Padding.Same ? dilation[dim] * (kernel_size[dim] - 1) : 0;
            return [total / 2, total - total / 2];
        }
    }

    /// <summary>Whether the input is [N, C, …] or [C, …] with the right number of channels.</summary>
    protected bool ValidateShape(Tensor input, long dimensions)
    {
        var shape = input.shape;
        return (shape.Length == dimensions + 2 && shape[1] == in_channels) || (shape.Length == dimensions + 1 && shape[0] == in_channels);
    }

    internal void CheckShape(Tensor input, long dimensions)
    {
        if (!ValidateShape(input, dimensions))
            throw new ArgumentException($"{name} expects [N, C, …] or [C, …] with {dimensions} more dimensions and {in_channels} channels, not [{string.Join(", ", input.shape)}].", nameof(input));
    }
}
