using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>What there is to compute: all that <see cref="AttentionPlanner"/> decides on.</summary>
public sealed record AttentionWorkload
{
    /// <summary>B.</summary>
    public required long Batch { get; init; }

    /// <summary>H.</summary>
    public required long Heads { get; init; }

    /// <summary>T.</summary>
    public required long QueryLength { get; init; }

    /// <summary>S.</summary>
    public required long KeyLength { get; init; }

    /// <summary>Where it runs.</summary>
    public DeviceType Device { get; init; } = DeviceType.CPU;

    /// <summary>The type of the numbers.</summary>
    public ScalarType Type { get; init; } = ScalarType.Float32;

    /// <summary>Whether the weights are asked for.</summary>
    public bool NeedWeights { get; init; }

    /// <summary>Whether there will be a backward pass.</summary>
    public bool NeedGradient { get; init; }

    /// <summary>Whether there is a softcap.</summary>
    public bool Softcap { get; init; }

    /// <summary>Whether blocks of queries see only a part of the keys, as with a causal mask.</summary>
    public bool SkipsKeys { get; init; }

    /// <summary>Whether the whole mask is the triangle of a square matrix, which the fused kernel knows by itself.</summary>
    public bool Triangle { get; init; }

    /// <summary>Whether libtorch has a fused kernel: from 2.0 on.</summary>
    public bool HasFusedKernel { get; init; } = LibtorchHasFusedKernel;

    /// <summary>Whether the bias needs a gradient.</summary>
    public bool BiasNeedsGradient { get; init; }

    /// <summary>Whether the processor runs blocks by loops of ours, for float32: those with AVX2 do.</summary>
    public bool HasTiles { get; init; } = Loops.Vectors.AreFast;

    /// <summary>Bytes of all scores together.</summary>
    public long ScoreBytes => Batch * Heads * QueryLength * KeyLength * (Type == ScalarType.Float64 ? 8 : 4);

    private static bool LibtorchHasFusedKernel { get; } =
        int.TryParse(__version__.Split('.')[0], out var major) && major >= 2;
}
