using ContextAware.Masking;
using static TorchSharp.torch;

namespace ContextAware.Tests.Catalog;

/// <summary>A public module ready to be called, for tests that every module owes.</summary>
/// <param name="Create">Makes it.</param>
/// <param name="Forward">Its output for inputs of that order, under a mask.</param>
/// <param name="Inputs">The shapes of the inputs.</param>
internal sealed record ModuleCase(Func<nn.Module> Create, Func<nn.Module, Tensor[], AttentionMask?, Tensor> Forward, long[][] Inputs)
{
    /// <summary>The masks that it can take, made for these inputs; none for a score, whose mask is others' matter.</summary>
    public Func<AttentionMask>[] Masks { get; init; } = [];

    /// <summary>The inputs that hold only keys or values, so that what a mask hides in them reaches no output.</summary>
    public int[] Hideable { get; init; } = [];

    /// <summary>Parameters that move all scores alike, and so have no gradient.</summary>
    public string[] Idle { get; init; } = [];

    internal static ModuleCase Of<T>(Func<T> create, Func<T, Tensor[], AttentionMask?, Tensor> forward, params long[][] inputs)
        where T : nn.Module =>
        new(create, (module, x, mask) => forward((T)module, x, mask), inputs);

    /// <summary>Inputs of standard normal numbers.</summary>
    internal Tensor[] Draw() => [.. Inputs.Select(shape => randn(shape))];
}
