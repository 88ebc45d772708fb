using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware;

/// <summary>Makes parameters that belong to their module, not to the dispose scope in which the module happened to be made.</summary>
internal static class OwnParameter
{
    /// <summary>A parameter with this start value, which it takes over.</summary>
    public static Parameter Of(Tensor start)
    {
        var parameter = nn.Parameter(start);
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}
