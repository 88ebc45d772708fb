using static TorchSharp.torch;

namespace ContextAware.Models.VisionLanguage;

/// <summary>The grid of features that an encoder makes of pictures of one size: C channels over height × width places.</summary>
/// <param name="Channels">C.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public sealed record FeatureGrid(long Channels, long Height, long Width)
{
    /// <summary>N = height · width.</summary>
    public long Places => Height * Width;

    /// <summary>Shows an encoder an empty picture.</summary>
    /// <exception cref="ArgumentException">The encoder can't take such pictures, or gives no grid.</exception>
    internal static FeatureGrid Of(nn.Module<Tensor, Tensor> encoder, PictureSize picture, string argument)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var wasTraining = encoder.training;
        encoder.eval();                                                     // norms must not learn from it
        var shape = encoder.call(zeros(1, picture.Channels, picture.Height, picture.Width)).shape;
        encoder.train(wasTraining);
        return shape is [1, var channels, var height, var width] && height * width > 0
            ? new(channels, height, width)
            : throw new ArgumentException($"Expected an encoder to [B,C,h,w], got one to [{string.Join(',', shape)}].", argument);
    }
}
