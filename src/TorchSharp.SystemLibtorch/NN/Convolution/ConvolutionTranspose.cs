using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A transposed convolution, which may be asked for a size.</summary>
public abstract class ConvolutionTranspose : Convolution
{
    protected ConvolutionTranspose(string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[] padding, Padding? padding_type,
        long[] dilation, bool transposed, long[] output_padding, long groups, bool bias, PaddingModes padding_mode,
        Device device = null, ScalarType? dtype = null)
        : base(name, in_channels, out_channels, kernel_size, stride, padding, padding_type, dilation, transposed, output_padding, groups, bias, padding_mode, device, dtype)
    {
    }

    public override Tensor forward(Tensor input) => forward(input, null);

    public abstract Tensor forward(Tensor input, long[] output_size);

    /// <summary>What to add at the end to come to the size asked for: [H, W], or with the dimensions before them.</summary>
    protected long[] _output_padding(Tensor input, long[] output_size, long[] kernel_size, long[] stride, long[] padding, long[] dilation, long num_spatial_dims)
    {
        if (output_size is null) return output_padding;
        var (spatial, leading) = ((int)num_spatial_dims, (int)(input.dim() - num_spatial_dims));
        if (output_size.Length != spatial && output_size.Length != spatial + leading)
            throw new ArgumentException($"An output size has {spatial} or {spatial + leading} numbers, not {output_size.Length}.", nameof(output_size));
        var wanted = output_size[^spatial..];
        return [.. wanted.Select(Extra)];

        long Extra(long size, int dim)
        {
            var least = (input.size(dim + leading) - 1) * stride[dim] - 2 * padding[dim] + dilation[dim] * (kernel_size[dim] - 1) + 1;
            if (size < least || size >= least + stride[dim])
                throw new ArgumentException($"The size [{string.Join(", ", wanted)}] can't come out: dimension {dim} takes {least} to {least + stride[dim] - 1}.", nameof(output_size));
            return size - least;
        }
    }
}
