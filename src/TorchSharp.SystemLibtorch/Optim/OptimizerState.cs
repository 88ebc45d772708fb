using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What an optimizer remembers of one parameter.</summary>
public abstract class OptimizerState
{
    /// <summary>The parameter.</summary>
    protected Parameter _parameter;

    /// <summary>State of a parameter, still to be initialized.</summary>
    protected OptimizerState(Parameter parameter) => _parameter = parameter;

    /// <summary>Starts anew.</summary>
    public abstract void Initialize(OptimizerOptions options);

    /// <summary>Writes the state.</summary>
    public abstract void SaveStateDict(BinaryWriter writer);

    /// <summary>Reads the state, to the parameter's device.</summary>
    public abstract void LoadStateDict(BinaryReader reader);

    /// <summary>Copies another optimizer's state, to the parameter's device.</summary>
    public abstract void LoadStateDict(OptimizerState source);

    /// <summary>Moves the state to a device.</summary>
    public virtual void to(Device device)
    {
    }

    private protected Tensor Zeros() => zeros_like(_parameter);

    private protected Tensor CopyOf(Tensor source) => source?.to(_parameter.device, copy: true);

    private protected Tensor Read(BinaryReader reader)
    {
        using var tensor = TensorExtensionMethods.Load(reader);
        if (!tensor.shape.SequenceEqual(_parameter.shape))
            throw new InvalidDataException($"Expected state of shape [{string.Join(", ", _parameter.shape)}], found [{string.Join(", ", tensor.shape)}].");
        return CopyOf(tensor);
    }

    private protected Tensor ReadOptional(BinaryReader reader) => reader.ReadBoolean() ? Read(reader) : null;

    private protected static void WriteOptional(BinaryWriter writer, Tensor tensor)
    {
        writer.Write(tensor is not null);
        tensor?.Save(writer);
    }

    /// <summary>Puts a tensor (null for none) in the place of another: it lives until it is replaced itself, whatever dispose scope it was made in.</summary>
    private protected static void Set(ref Tensor place, Tensor tensor)
    {
        if (ReferenceEquals(place, tensor))
            return;
        place?.Dispose();
        place = tensor?.DetachFromDisposeScope();
    }
}
