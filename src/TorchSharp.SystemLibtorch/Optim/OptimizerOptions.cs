using System.Reflection;

namespace TorchSharp.Modules;

/// <summary>
/// The options of a parameter group. A kind of optimizer adds its own as public fields of type <c>double?</c> or <c>bool?</c>;
/// they are saved in the order in which they are declared.
/// </summary>
public class OptimizerOptions
{
    /// <summary>The rate of the next step; null takes the optimizer's.</summary>
    public double? LearningRate { get; set; }

    /// <summary>The rate before any scheduling.</summary>
    public double InitialLearningRate { get; set; }

    private IEnumerable<FieldInfo> Fields => GetType().GetFields(BindingFlags.Public | BindingFlags.Instance).OrderBy(f => f.MetadataToken);

    /// <summary>Writes the options.</summary>
    public virtual void SaveStateDict(BinaryWriter writer)
    {
        writer.Write(InitialLearningRate);
        writer.Write(LearningRate.Value);
        foreach (var field in Fields)
            if (field.GetValue(this) is bool flag)
                writer.Write(flag);
            else
                writer.Write((double)field.GetValue(this));
    }

    /// <summary>Reads the options.</summary>
    public virtual void LoadStateDict(BinaryReader reader)
    {
        InitialLearningRate = reader.ReadDouble();
        LearningRate = reader.ReadDouble();
        foreach (var field in Fields)
            field.SetValue(this, field.FieldType == typeof(bool?) ? reader.ReadBoolean() : reader.ReadDouble());
    }

    /// <summary>Copies another optimizer's options.</summary>
    public virtual void LoadStateDict(OptimizerOptions source)
    {
        CheckKind(source);
        InitialLearningRate = source.InitialLearningRate;
        LearningRate = source.LearningRate;
        foreach (var field in Fields)
            field.SetValue(this, field.GetValue(source));
    }

    /// <summary>A group's options, with these in the place of those it leaves open; null leaves all open.</summary>
    internal OptimizerOptions Complete(OptimizerOptions options)
    {
        options ??= (OptimizerOptions)Activator.CreateInstance(GetType());
        CheckKind(options);
        foreach (var field in Fields.Where(field => field.GetValue(options) is null))
            field.SetValue(options, field.GetValue(this));
        options.LearningRate ??= LearningRate;
        options.InitialLearningRate = options.LearningRate.Value;
        return options;
    }

    private void CheckKind(OptimizerOptions other)
    {
        if (other.GetType() != GetType())
            throw new ArgumentException($"Expected {GetType()}, not {other.GetType()}.");
    }
}
