using System.Runtime.CompilerServices;
using ContextAware.Attention;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Transformers;

/// <summary>What the two stacks have in common.</summary>
internal static class StackChecks
{
    internal static void Input(Tensor input, string name)
    {
        ArgumentNullException.ThrowIfNull(input, name);
        if (input.ndim is not (2 or 3))
            throw new ArgumentException($"Expected [B, T, D] or [T, D], got {ShapeText.Of(input)}.", name);
    }

    internal static void Call(StackCall call, int layers)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (call.Cache is { } cache && cache.Count != layers)
            throw new ArgumentException($"Expected a cache of {layers} layers, got {cache.Count}.", nameof(call));
    }

    internal static ModuleList<T> Layers<T>(IEnumerable<T> layers)
        where T : nn.Module
    {
        ArgumentNullException.ThrowIfNull(layers);
        T[] all = [.. layers];
        return all.Length > 0 ? new(all) : throw new ArgumentException("Expected at least one layer, got none.", nameof(layers));
    }

    internal static T[] Make<T>(long layers, Func<T> make, [CallerArgumentExpression(nameof(layers))] string argument = "")
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers, argument);
        var made = new T[layers];
        for (var layer = 0; layer < layers; layer++)
            made[layer] = make();
        return made;
    }

    /// <summary>Where norms come first, nothing has normed the sum that leaves the last layer.</summary>
    internal static nn.Module<Tensor, Tensor>? Norm(long width, TransformerLayerOptions? options) =>
        options is { NormFirst: true } ? options.MakeNorm(width) : null;

    /// <summary>Goes on with a layer's output; what it was made from is freed at once unless it is the caller's.</summary>
    internal static void Pass(ref Tensor x, Tensor output, Tensor input)
    {
        if (!ReferenceEquals(x, input))
            x.Dispose();
        x = output.MoveToOuterDisposeScope();
    }
}
