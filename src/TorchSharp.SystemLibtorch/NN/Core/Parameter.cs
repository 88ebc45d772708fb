using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A tensor that modules register as trainable. It takes the native tensor, and the place in the scope, from its data.</summary>
public class Parameter : Tensor
{
    public Parameter(Tensor data, bool requires_grad = true) : base(data.with_requires_grad(requires_grad).MoveHandle(), false)
        => DisposeScope.ReplaceWith(data, this);
}
