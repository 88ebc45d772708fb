using ContextAware.Caching;
using ContextAware.Masking;
using ContextAware.Positions;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Transformers;

/// <summary>Encoder layers, one after another, and a norm at the end (Vaswani et al. 2017, section 3.1).</summary>
/// <remarks>
/// Parameters have the names of PyTorch's <c>nn.TransformerEncoder</c>: <c>layers.0.…</c> and <c>norm</c>; those of a position
/// bias come under <c>position_bias</c>.
/// </remarks>
public sealed class EncoderLayers : nn.Module<Tensor, StackCall, StackResult>
{
    [ComponentName(Name = "layers")] private readonly ModuleList<EncoderLayer> layers;
    [ComponentName(Name = "norm")] private readonly nn.Module<Tensor, Tensor>? norm;
    [ComponentName(Name = "position_bias")] private readonly IPositionBias? positionBias;

    /// <summary>Makes a stack of layers.</summary>
    /// <param name="layers">The first one first.</param>
    /// <param name="norm">Applied to the last layer's output, as it must be where norms come first; null: none.</param>
    /// <param name="positionBias">A bias on the scores of every layer (ALiBi, T5), made once for all; null: none.</param>
    /// <exception cref="ArgumentException">There is no layer.</exception>
    public EncoderLayers(IEnumerable<EncoderLayer> layers, nn.Module<Tensor, Tensor>? norm = null, IPositionBias? positionBias = null)
        : base(nameof(EncoderLayers))
    {
        this.layers = StackChecks.Layers(layers);
        (this.norm, this.positionBias) = (norm, positionBias);
        RegisterComponents();
    }

    /// <summary>Makes a stack of like layers, with a norm at the end if norms come first in them.</summary>
    /// <param name="layers">How many.</param>
    /// <param name="width">D.</param>
    /// <param name="heads">H, a divisor of D.</param>
    /// <param name="options">Everything else about the layers.</param>
    /// <param name="positionBias">A bias on the scores of every layer (ALiBi, T5), made once for all; null: none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or dropout is not from 0 to 1.</exception>
    /// <exception cref="ArgumentException">H doesn't divide D, or the key-value heads don't divide H.</exception>
    public EncoderLayers(long layers, long width, long heads, TransformerLayerOptions? options = null, IPositionBias? positionBias = null)
        : this(StackChecks.Make(layers, () => new EncoderLayer(width, heads, options)), StackChecks.Norm(width, options), positionBias)
    {
    }

    /// <summary>Encodes.</summary>
    /// <param name="input">[B, T, D], or [T, D] without a batch.</param>
    /// <param name="mask">Which position may attend to which; null hides nothing.</param>
    /// <param name="bias">Added to the scores, [T, S] or [B, H, T, S]; a size of 1 serves all.</param>
    /// <param name="weights">Which layers' attention weights to return.</param>
    /// <param name="cache">Keys and values of earlier steps, for a stack that decodes.</param>
    /// <returns>Output [B, T, D], weights [B, H, T, S] for each layer asked for.</returns>
    /// <exception cref="ArgumentException">Sizes, types or devices don't fit.</exception>
    public StackResult call(
        Tensor input, AttentionMask? mask = null, Tensor? bias = null, StackWeights weights = StackWeights.None, StackCache? cache = null) =>
        base.call(input, new() { Mask = mask ?? AttentionMask.None, Bias = bias, Weights = weights, Cache = cache });

    /// <inheritdoc/>
    public override StackResult forward(Tensor input, StackCall call)
    {
        StackChecks.Input(input, nameof(input));
        StackChecks.Call(call, layers.Count);
        using var scope = NewDisposeScope();
        var bias = call.TotalBias(input, positionBias);
        var x = input;                                                                 // [B, T, D]
        List<Tensor> weights = [];
        for (var layer = 0; layer < layers.Count; layer++)
        {
            using var layerScope = NewDisposeScope();
            var result = layers[layer].call(x, call.Self(layer, layers.Count, bias));
            StackChecks.Pass(ref x, result.Output, input);
            if (result.Weights is not null)
                weights.Add(result.Weights.MoveToOuterDisposeScope());
        }
        x = norm is null ? x : norm.call(x);
        return new StackResult(x, weights, []).MoveToOuterDisposeScope();
    }
}
