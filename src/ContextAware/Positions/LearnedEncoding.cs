using ContextAware.Interop;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Positions;

/// <summary>Adds a learned vector for each position to a sequence of vectors.</summary>
/// <remarks>
/// Gehring et al. 2017, "Convolutional sequence to sequence learning", section 3.1; used by BERT and GPT-2.
/// The one parameter is <c>weight</c> [capacity, D], so that a field named <c>wpe</c> has GPT-2's name <c>wpe.weight</c>.
/// </remarks>
public sealed class LearnedEncoding : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;

    /// <summary>Makes an encoding, initialised from N(0, deviation²).</summary>
    /// <param name="capacity">How many positions there are.</param>
    /// <param name="width">D, the width of the vectors.</param>
    /// <param name="deviation">The standard deviation of the initial values; GPT-2 and BERT have 0.02.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the deviation is negative.</exception>
    public LearnedEncoding(long capacity, long width, double deviation = 0.02) : base(nameof(LearnedEncoding))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegative(deviation);
        (Capacity, Width) = (capacity, width);
        weight = OwnParameter.Of(empty(capacity, width));
        if (!WeightInitialization.IsSkipped)
            nn.init.normal_(weight, 0, deviation);
        RegisterComponents();
    }

    /// <summary>How many positions there are.</summary>
    public long Capacity { get; }

    /// <summary>D, the width of the vectors.</summary>
    public long Width { get; }

    /// <summary>Adds the vectors of positions 0 to T.</summary>
    /// <param name="input">[B, T, D], or any number of dimensions before T.</param>
    /// <returns>The sum, of the input's shape.</returns>
    /// <exception cref="ArgumentException">The last dimension is not D.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position is not below the capacity.</exception>
    public override Tensor forward(Tensor input) => forward(input, 0);

    /// <summary>Adds the vectors of positions <paramref name="offset"/> to offset + T.</summary>
    /// <inheritdoc cref="forward(Tensor)"/>
    /// <param name="input">[B, T, D], or any number of dimensions before T.</param>
    /// <param name="offset">The position of the first vector, as after a cached past.</param>
    public Tensor forward(Tensor input, long offset)
    {
        var length = PositionChecks.Length(input, Width);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, Capacity, nameof(offset));
        using var scope = NewDisposeScope();
        return (input + weight.narrow(0, offset, length)).MoveToOuterDisposeScope();
    }

    /// <summary>Adds the vector of each input vector's own position.</summary>
    /// <inheritdoc cref="forward(Tensor)"/>
    /// <param name="input">[B, T, D].</param>
    /// <param name="ids">int64 [B, T] or [T], from 0 to capacity - 1; libtorch refuses others.</param>
    public Tensor ForwardAt(Tensor input, Tensor ids)
    {
        PositionChecks.Ids(ids, PositionChecks.Length(input, Width), input);
        using var scope = NewDisposeScope();
        return (input + PositionTables.Lookup(weight, ids)).MoveToOuterDisposeScope();
    }
}
