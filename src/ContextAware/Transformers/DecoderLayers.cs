using ContextAware.Caching;
using ContextAware.Masking;
using ContextAware.Positions;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Transformers;

/// <summary>Decoder layers, one after another, and a norm at the end (Vaswani et al. 2017, section 3.1).</summary>
/// <remarks>
/// Parameters have the names of PyTorch's <c>nn.TransformerDecoder</c>: <c>layers.0.…</c> and <c>norm</c>; those of a position
/// bias come under <c>position_bias</c>.
/// </remarks>
public sealed class DecoderLayers : nn.Module<Tensor, Tensor, StackCall, StackResult>
{
    [ComponentName(Name = "layers")] private readonly ModuleList<DecoderLayer> layers;
    [ComponentName(Name = "norm")] private readonly nn.Module<Tensor, Tensor>? norm;
    [ComponentName(Name = "position_bias")] private readonly IPositionBias? positionBias;

    /// <summary>Makes a stack of layers.</summary>
    /// <param name="layers">The first one first.</param>
    /// <param name="norm">Applied to the last layer's output, as it must be where norms come first; null: none.</param>
    /// <param name="positionBias">A bias on the scores of every layer's self-attention (ALiBi, T5), made once for all; null: none.</param>
    /// <exception cref="ArgumentException">There is no layer.</exception>
    public DecoderLayers(IEnumerable<DecoderLayer> layers, nn.Module<Tensor, Tensor>? norm = null, IPositionBias? positionBias = null)
        : base(nameof(DecoderLayers))
    {
        this.layers = StackChecks.Layers(layers);
        (this.norm, this.positionBias) = (norm, positionBias);
        RegisterComponents();
    }

    /// <summary>Makes a stack of like layers, with a norm at the end if norms come first in them.</summary>
    /// <inheritdoc cref="EncoderLayers(long, long, long, TransformerLayerOptions?, IPositionBias?)"/>
    public DecoderLayers(long layers, long width, long heads, TransformerLayerOptions? options = null, IPositionBias? positionBias = null)
        : this(StackChecks.Make(layers, () => new DecoderLayer(width, heads, options)), StackChecks.Norm(width, options), positionBias)
    {
    }

    /// <summary>How many layers there are.</summary>
    public int LayerCount => layers.Count;

    /// <summary>Decodes.</summary>
    /// <param name="target">[B, T, D], or [T, D] without a batch.</param>
    /// <param name="memory">[B, S, M], or [S, M]; not looked at once the cache holds it.</param>
    /// <param name="mask">Which target position may attend to which; null hides nothing.</param>
    /// <param name="memoryMask">Which target position may attend to which of the memory; null hides nothing.</param>
    /// <param name="weights">Which layers' attention weights to return.</param>
    /// <param name="cache">Keys and values of earlier steps and of the memory, for each layer.</param>
    /// <returns>Output [B, T, D]; weights [B, H, T, T] and [B, H, T, S] for each layer asked for.</returns>
    /// <exception cref="ArgumentException">Sizes, types or devices don't fit.</exception>
    public StackResult call(
        Tensor target, Tensor memory, AttentionMask? mask = null, AttentionMask? memoryMask = null,
        StackWeights weights = StackWeights.None, StackCache? cache = null) => base.call(target, memory, new()
        {
            Mask = mask ?? AttentionMask.None,
            MemoryMask = memoryMask ?? AttentionMask.None,
            Weights = weights,
            Cache = cache,
        });

    /// <inheritdoc/>
    public override StackResult forward(Tensor target, Tensor memory, StackCall call)
    {
        StackChecks.Input(target, nameof(target));
        StackChecks.Call(call, layers.Count);
        using var scope = NewDisposeScope();
        var bias = call.TotalBias(target, positionBias);
        var x = target;                                                                // [B, T, D]
        List<Tensor> selfWeights = [], crossWeights = [];
        for (var layer = 0; layer < layers.Count; layer++)
        {
            using var layerScope = NewDisposeScope();
            var result = layers[layer].call(x, memory, call.Self(layer, layers.Count, bias), call.Cross(layer, layers.Count));
            StackChecks.Pass(ref x, result.Output, target);
            if (result.SelfWeights is not null)
                selfWeights.Add(result.SelfWeights.MoveToOuterDisposeScope());
            if (result.CrossWeights is not null)
                crossWeights.Add(result.CrossWeights.MoveToOuterDisposeScope());
        }
        x = norm is null ? x : norm.call(x);
        return new StackResult(x, selfWeights, crossWeights).MoveToOuterDisposeScope();
    }
}
