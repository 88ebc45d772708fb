using static TorchSharp.torch;

namespace ContextAware.Models.LanguageModels.Steps;

/// <summary>Tensors that outlive the dispose scopes of single steps, freed together.</summary>
internal sealed class StepTensors : IDisposable
{
    private readonly List<Tensor> kept = [];

    /// <summary>Takes a tensor over.</summary>
    internal Tensor Keep(Tensor tensor)
    {
        kept.Add(tensor.DetachFromDisposeScope());
        return tensor;
    }

    public void Dispose()
    {
        foreach (var tensor in kept) tensor.Dispose();
        kept.Clear();
    }
}
