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
        var shape = InEval(encoder, () => encoder.call(zeros(1, picture.Channels, picture.Height, picture.Width)).shape);
        return shape is [1, var channels, var height, var width] && height * width > 0
            ? new(channels, height, width)
            : throw new ArgumentException($"Expected an encoder to [B,C,h,w], got one to [{string.Join(',', shape)}].", argument);
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
