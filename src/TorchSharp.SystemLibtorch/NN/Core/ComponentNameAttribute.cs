namespace TorchSharp.Utils;

/// <summary>The name under which a field's module, parameter or buffer is registered, instead of the field's own.</summary>
[AttributeUsage(AttributeTargets.All)]
public class ComponentNameAttribute : Attribute
{
    public string Name { get; set; }
}
