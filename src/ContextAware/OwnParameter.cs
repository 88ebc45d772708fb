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

    /// <summary>The same for the parameters of a module of TorchSharp's, some of which are left in the scope in which they are made.</summary>
    public static T In<T>(T module)
        where T : nn.Module
    {
        foreach (var (_, parameter) in module.named_parameters())
            parameter.DetachFromDisposeScope();
        return module;
    }
}
