using ContextAware.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Transformers;

/// <summary>
/// How a sublayer f joins what flows through a layer: Norm(x + Dropout(f(x))) (Vaswani et al. 2017, section 3.1), or
/// x + Dropout(f(Norm(x))) where the norm comes first.
/// </summary>
internal sealed class Residual(bool normFirst, double dropout)
{
    /// <summary>What the sublayer sees of x.</summary>
    internal Tensor Enter(Tensor x, nn.Module<Tensor, Tensor> norm) => normFirst ? norm.call(x) : x;

    /// <summary>x and what the sublayer made of it.</summary>
    /// <param name="x">[B, T, D].</param>
    /// <param name="change">[B, T, D].</param>
    /// <param name="norm">The sublayer's norm.</param>
    /// <param name="training">Whether the layer is training.</param>
    /// <param name="isOwn">Whether the change is nobody else's memory, so that the sum may be written there.</param>
    internal Tensor Leave(Tensor x, Tensor change, nn.Module<Tensor, Tensor> norm, bool training, bool isOwn = true)
    {
        if (training && dropout > 0)
            change = DropoutMask.Apply(change, dropout);
        var sum = isOwn && !change.requires_grad && !x.requires_grad ? change.add_(x) : change.add(x);
        return normFirst ? sum : norm.call(sum);
    }
}
