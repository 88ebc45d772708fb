using System.Reflection;
using TorchSharp.Utils;

namespace TorchSharp;

/// <summary>The component name of a field.</summary>
public static class FieldInfoExtensionMethods
{
    public static string ComponentName(this FieldInfo field) => field.GetCustomAttribute<ComponentNameAttribute>()?.Name ?? field.Name;
}
