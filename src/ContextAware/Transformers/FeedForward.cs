using ContextAware.Attention;
using ContextAware.Products;
using ContextAware.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Transformers;

/// <summary>The position-wise feed-forward network: W₂·Dropout(f(W₁·x + b₁)) + b₂ (Vaswani et al. 2017, eq. 2).</summary>
/// <remarks>In the state dict <c>linear1</c> and <c>linear2</c>, as in PyTorch's transformer layers.</remarks>
public sealed class FeedForward : nn.Module<Tensor, Tensor>, IPackable
{
    private readonly Activation activation;
    private readonly double dropout;

    /// <summary>Makes the network, initialised as PyTorch's <c>Linear</c>.</summary>
    /// <param name="width">D.</param>
    /// <param name="hidden">F, the width in between.</param>
    /// <param name="activation">f.</param>
    /// <param name="dropout">The share of f's results dropped in training.</param>
    /// <param name="bias">Whether there are b₁ and b₂.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, dropout is not from 0 to 1, or there is no such activation.</exception>
    public FeedForward(long width, long hidden, Activation activation = Activation.Relu, double dropout = 0, bool bias = true)
        : base(nameof(FeedForward))
    {
        FeedForwardChecks.Sizes(width, hidden);
        AttentionChecks.Dropout(dropout);
        this.activation = ActivationFunctions.Check(activation);
        this.dropout = dropout;
        First = nn.Linear(width, hidden, bias);
        Second = nn.Linear(hidden, width, bias);
        RegisterComponents();
    }

    /// <summary>W₁ [F, D] and b₁ [F].</summary>
    [field: ComponentName(Name = "linear1")]
    public Linear First { get; }

    /// <summary>W₂ [D, F] and b₂ [D].</summary>
    [field: ComponentName(Name = "linear2")]
    public Linear Second { get; }

    IEnumerable<Tensor> IPackable.ProductWeights => [First.weight, Second.weight];

    /// <summary>Applies the network to each position.</summary>
    /// <param name="input">[..., D].</param>
    /// <returns>[..., D].</returns>
    /// <exception cref="ArgumentException">The width is not D.</exception>
    public override Tensor forward(Tensor input)
    {
        FeedForwardChecks.Input(input, First);
        using var scope = NewDisposeScope();
        return Apply(input, First, Second, activation, training ? dropout : 0).MoveToOuterDisposeScope();
    }

    /// <summary>The two products of a layer's plain network.</summary>
    internal static (Linear First, Linear Second) Products(long width, TransformerLayerOptions options)
    {
        var hidden = options.FeedForwardWidth ?? 4 * width;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(hidden, nameof(options.FeedForwardWidth));
        ActivationFunctions.Check(options.Activation);
        return (nn.Linear(width, hidden, options.Bias), nn.Linear(hidden, width, options.Bias));
    }

    /// <summary>The network as a function, for layers that own the two products themselves.</summary>
    internal static Tensor Apply(Tensor input, Linear first, Linear second, Activation activation, double dropout)
    {
        var inner = activation == Activation.Relu                                      // [..., F]
            ? Dense.ApplyRelu(input, first)
            : ActivationFunctions.Apply(Dense.Apply(input, first), activation);
        if (dropout > 0)
            inner = DropoutMask.Apply(inner, dropout);
        return Dense.Apply(inner, second);                                             // [..., D]
    }
}
