using ContextAware.Attention;
using static TorchSharp.torch;

namespace ContextAware.Randomness;

/// <summary><see cref="DropoutMask"/> as a module: nothing is dropped in eval mode.</summary>
internal sealed class DropoutLayer : nn.Module<Tensor, Tensor>
{
    private readonly double share;

    /// <param name="share">p, from 0 to 1.</param>
    public DropoutLayer(double share)
        : base(nameof(DropoutLayer))
    {
        this.share = DropoutShare.Check(share);
        RegisterComponents();
    }

    /// <returns>A new tensor of that shape; where nothing is dropped, the same numbers in the same memory.</returns>
    public override Tensor forward(Tensor input) => training && share > 0 ? DropoutMask.Apply(input, share) : input.alias();
}
