using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.VisionLanguage;

/// <summary>Turns pictures into a grid of features: convolutions of 3×3, each with batch norm and ReLU, each halving the size or not.</summary>
/// <remarks>
/// Shapes: B pictures, K colours, C features, h × w grid. In the state dict, layer by layer, <c>layers.0.weight</c> (a convolution
/// without bias) and <c>layers.1.…</c> (its norm), <c>layers.3.weight</c> and so on; every third entry is a ReLU.
/// </remarks>
public sealed class ConvolutionalEncoder : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "layers")]
    private readonly Sequential layers;

    /// <summary>Makes the encoder.</summary>
    /// <param name="channels">K.</param>
    /// <param name="blocks">The features of each layer, and whether it halves height and width. The last gives C.</param>
    /// <exception cref="ArgumentException">There is no layer.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    public ConvolutionalEncoder(long channels, params (long Features, bool Halves)[] blocks) : base(nameof(ConvolutionalEncoder))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        ArgumentNullException.ThrowIfNull(blocks);
        if (blocks.Length == 0) throw new ArgumentException("Expected at least one layer, got none.", nameof(blocks));
        var modules = new List<nn.Module<Tensor, Tensor>>();
        foreach (var (features, halves) in blocks)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(features, nameof(blocks));
            modules.AddRange([nn.Conv2d(channels, features, 3L, stride: halves ? 2 : 1, padding: 1, bias: false), nn.BatchNorm2d(features), nn.ReLU()]);
            channels = features;
        }

        layers = nn.Sequential([.. modules]);
        RegisterComponents();
    }

    /// <summary>Looks at pictures.</summary>
    /// <param name="input"><c>[B,K,H,W]</c>.</param>
    /// <returns><c>[B,C,h,w]</c>.</returns>
    public override Tensor forward(Tensor input) => layers.call(input);
}
