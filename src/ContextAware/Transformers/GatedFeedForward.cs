using ContextAware.Attention;
using ContextAware.Products;
using ContextAware.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Transformers;

/// <summary>
/// A feed-forward network with a gate: W₂·Dropout(f(W·x) ⊙ V·x) (Shazeer 2020, "GLU variants improve transformer", eq. 6):
/// SwiGLU with SiLU, GEGLU with GELU, ReGLU with ReLU.
/// </summary>
/// <remarks>In the state dict <c>gate_proj</c> (W), <c>up_proj</c> (V) and <c>down_proj</c> (W₂), as in Llama's implementations.</remarks>
public sealed class GatedFeedForward : nn.Module<Tensor, Tensor>, IPackable
{
    private readonly Activation activation;
    private readonly double dropout;

    /// <summary>Makes the network, initialised as PyTorch's <c>Linear</c>.</summary>
    /// <param name="width">D.</param>
    /// <param name="hidden">F, the width in between; two thirds of a plain network's cost the same.</param>
    /// <param name="activation">f.</param>
    /// <param name="dropout">The share of the gated values dropped in training.</param>
    /// <param name="bias">Whether the three products have biases; the paper's have none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, dropout is not from 0 to 1, or there is no such activation.</exception>
    public GatedFeedForward(long width, long hidden, Activation activation = Activation.Silu, double dropout = 0, bool bias = false)
        : base(nameof(GatedFeedForward))
    {
        FeedForwardChecks.Sizes(width, hidden);
        AttentionChecks.Dropout(dropout);
        this.activation = ActivationFunctions.Check(activation);
        this.dropout = dropout;
        Gate = nn.Linear(width, hidden, bias);
        Up = nn.Linear(width, hidden, bias);
        Down = nn.Linear(hidden, width, bias);
        RegisterComponents();
    }

    /// <summary>W [F, D].</summary>
    [field: ComponentName(Name = "gate_proj")]
    public Linear Gate { get; }

    /// <summary>V [F, D].</summary>
    [field: ComponentName(Name = "up_proj")]
    public Linear Up { get; }

    /// <summary>W₂ [D, F].</summary>
    [field: ComponentName(Name = "down_proj")]
    public Linear Down { get; }

    IEnumerable<Tensor> IPackable.ProductWeights => [Gate.weight, Up.weight, Down.weight];

    /// <summary>Applies the network to each position.</summary>
    /// <param name="input">[..., D].</param>
    /// <returns>[..., D].</returns>
    /// <exception cref="ArgumentException">The width is not D.</exception>
    public override Tensor forward(Tensor input)
    {
        FeedForwardChecks.Input(input, Gate);
        using var scope = NewDisposeScope();
        var gate = ActivationFunctions.Apply(Dense.Apply(input, Gate), activation);    // [..., F]
        var up = Dense.Apply(input, Up);                                               // [..., F]
        var inner = gate.requires_grad || up.requires_grad ? gate.mul(up) : gate.mul_(up);
        if (training && dropout > 0)
            inner = DropoutMask.Apply(inner, dropout);
        return Dense.Apply(inner, Down).MoveToOuterDisposeScope();                     // [..., D]
    }
}
