using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Training;

/// <summary>Tensors beside those of a model: an average of them, or how they once were.</summary>
internal sealed class WeightCopy : IDisposable
{
    private readonly (string Name, Tensor Original, Tensor Copy)[] pairs;

    /// <summary>Copies tensors as they are.</summary>
    /// <param name="originals">The tensors by name.</param>
    /// <param name="isAverage">Whether the copies are to <see cref="Follow"/>: then those of half precision are float32, since small steps would be rounded away.</param>
    public WeightCopy(IEnumerable<KeyValuePair<string, Tensor>> originals, bool isAverage = false)
    {
        using var scope = NewDisposeScope();
        pairs = [.. originals.Select(pair => (pair.Key, pair.Value, Copy(pair.Value).DetachFromDisposeScope()))];

        Tensor Copy(Tensor original) => isAverage && original.dtype is (ScalarType.Float16 or ScalarType.BFloat16)
            ? original.detach().to(float32)
            : original.detach().clone();
    }

    /// <summary>The copies by name.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Tensors => pairs.Select(pair => KeyValuePair.Create(pair.Name, pair.Copy));

    /// <summary>Copies the tensors anew.</summary>
    public void Take() => Do((original, copy) => copy.copy_(original));

    /// <summary>Puts the copies into the tensors.</summary>
    public void Put() => Do((original, copy) => original.copy_(copy));

    /// <summary>Moves each copy towards its tensor: copy · decay + tensor · (1 − decay).</summary>
    public void Follow(double decay)
    {
        if (pairs.All(pair => WeightLoops.Serve(pair.Original) && WeightLoops.Serve(pair.Copy)))
            WeightLoops.Follow([.. pairs.Select(pair => pair.Copy)], [.. pairs.Select(pair => pair.Original)], decay);
        else
            Do((original, copy) => copy.mul_(decay).add_(original, alpha: 1 - decay));
    }

    /// <summary>Lets the tensors be what the copies are while something is done.</summary>
    public void Lend(Action work)
    {
        using var own = new WeightCopy(pairs.Select(pair => KeyValuePair.Create(pair.Name, pair.Original)));
        Put();
        try
        {
            work();
        }
        finally
        {
            own.Put();
        }
    }

    public void Dispose()
    {
        foreach (var (_, _, copy) in pairs) copy.Dispose();
    }

    private void Do(Action<Tensor, Tensor> change)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (_, original, copy) in pairs) change(original, copy);
    }
}
