using System.Runtime.InteropServices;
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
        var like = encoder.parameters().FirstOrDefault();
        var empty = zeros([1, picture.Channels, picture.Height, picture.Width], like?.dtype, like?.device);
        var shape = InEval(encoder, () => Shape(encoder, empty, argument));
        return shape is [1, var channels, var height, var width] && height * width > 0
            ? new(channels, height, width)
            : throw new ArgumentException($"Expected an encoder to [B,C,h,w], got one to {ShapeText.Compact(shape)}.", argument);
    }

    private static long[] Shape(nn.Module<Tensor, Tensor> encoder, Tensor picture, string argument)
    {
        try
        {
            return encoder.call(picture).shape;
        }
        catch (Exception error) when (error is ArgumentException or ExternalException)
        {
            throw new ArgumentException($"Expected an encoder of pictures [B,{string.Join(',', picture.shape.Skip(1))}]: {error.Message}", argument, error);
        }
    }

    // Norms must not learn from it; and what the caller has frozen stays frozen.
    private static T InEval<T>(nn.Module encoder, Func<T> look)
    {
        (nn.Module Module, bool Training)[] before = [.. encoder.modules().Prepend(encoder).Select(module => (module, module.training))];
        encoder.eval();
        try
        {
            return look();
        }
        finally
        {
            foreach (var (module, training) in before)      // a module before those in it, which follow it
            {
                if (module.training != training) module.train(training);
            }
        }
    }
}
