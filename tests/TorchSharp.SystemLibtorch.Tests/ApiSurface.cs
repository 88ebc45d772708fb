using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace TorchSharp.SystemLibtorch.Tests;

/// <summary>
/// The public and protected surface of an assembly as text, one member a line:
/// <c>declaring-type kind signature [modifiers]</c>, sorted ordinally.
/// Read from metadata alone: nothing of the assembly runs.
/// </summary>
internal static class ApiSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Lists the surface; what the assembly references is looked up beside it and in the running framework.</summary>
    public static IReadOnlyList<string> Of(string assemblyPath)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(assemblyPath))!;
        var resolver = new PathAssemblyResolver(Directory.GetFiles(directory, "*.dll")
            .Concat(Directory.GetFiles(RuntimeEnvironment.GetRuntimeDirectory(), "*.dll"))
            .DistinctBy(Path.GetFileName, StringComparer.OrdinalIgnoreCase));
        using var context = new MetadataLoadContext(resolver);
        var types = context.LoadFromAssemblyPath(assemblyPath).GetTypes().Where(IsVisible);
        return [.. types.SelectMany(Lines).Distinct().Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Lines(Type type)
    {
        var name = ApiText.Definition(type);
        yield return $"{name} #type {TypeSignature(type)}";
        foreach (var member in type.IsEnum ? EnumValues(type) : IsDelegate(type) ? [] : Members(type))
            yield return $"{name} {member}";
    }

    private static string TypeSignature(Type type)
    {
        var constraints = ApiText.Constraints(type.GetGenericArguments().Skip(type.DeclaringType?.GetGenericArguments().Length ?? 0));
        return Kind(type) + Heritage(type) + constraints + Bracketed(TypeModifiers(type));
    }

    private static string Kind(Type type) =>
        type.IsEnum ? "enum" : type.IsInterface ? "interface" : IsDelegate(type) ? "delegate" : type.IsValueType ? "struct" : "class";

    private static string Heritage(Type type)
    {
        if (type.IsEnum)
            return $" : {ApiText.Name(type.GetField("value__")!.FieldType)}";
        if (IsDelegate(type))
            return $" ({ApiText.Parameters(type.GetMethod("Invoke")!)}) -> {ApiText.Result(type.GetMethod("Invoke")!)}";
        var parent = type.BaseType is { FullName: not ("System.Object" or "System.ValueType") } ? $" : {ApiText.Name(type.BaseType)}" : "";
        var inherited = type.BaseType?.GetInterfaces() ?? [];
        var added = type.GetInterfaces().Where(IsPublic).Except(inherited).Select(ApiText.Name).Order(StringComparer.Ordinal).ToList();
        return added.Count == 0 ? parent : $"{parent} implements {string.Join(", ", added)}";
    }

    private static IEnumerable<string> EnumValues(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(f => $"const {f.Name} = {Convert.ToString(f.GetRawConstantValue(), CultureInfo.InvariantCulture)}");

    private static IEnumerable<string> Members(Type type)
    {
        foreach (var constructor in type.GetConstructors(Declared).Where(c => !c.IsStatic && IsVisible(c)))
            yield return $"ctor ({ApiText.Parameters(constructor)})" + Bracketed(MethodModifiers(constructor));
        foreach (var field in type.GetFields(Declared).Where(IsVisible))
            yield return Field(field);
        foreach (var property in type.GetProperties(Declared).Where(p => IsVisible(p.GetMethod) || IsVisible(p.SetMethod)))
            yield return Property(property);
        foreach (var happening in type.GetEvents(Declared).Where(e => IsVisible(e.AddMethod)))
            yield return $"event {happening.Name} : {ApiText.Name(happening.EventHandlerType!)}" + Bracketed(MethodModifiers(happening.AddMethod!));
        foreach (var method in type.GetMethods(Declared).Where(IsListed))
            yield return $"method {ApiText.Signature(method)}" + Bracketed(MethodModifiers(method));
    }

    private static string Field(FieldInfo field)
    {
        var typed = $"{field.Name} : {ApiText.Name(field.FieldType, field.GetCustomAttributesData())}";
        if (field.IsLiteral)
            return $"const {typed} = {ApiText.Value(field.GetRawConstantValue(), field.FieldType)}";
        return $"field {typed}" + Bracketed([
            (field.IsStatic, "static"), (field.IsInitOnly, "readonly"), (!field.IsPublic, "protected"), (IsObsolete(field), "obsolete")]);
    }

    private static string Property(PropertyInfo property)
    {
        var (getter, setter) = (property.GetMethod, property.SetMethod);
        var indices = property.GetIndexParameters();
        var index = indices.Length == 0 ? "" : $"[{string.Join(", ", indices.Select(ApiText.Parameter))}]";
        var get = IsVisible(getter) ? "get; " : "";
        var set = !IsVisible(setter) ? ""
            : setter!.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.Name == "IsExternalInit") ? "init; "
            : setter.IsPublic || getter is not { IsPublic: true } ? "set; " : "protected set; ";
        var type = ApiText.Name(property.PropertyType, property.GetCustomAttributesData());
        return $"prop {property.Name}{index} : {type} {{ {get}{set}}}"
            + Bracketed([.. MethodModifiers(IsVisible(getter) ? getter! : setter!), (IsObsolete(property), "obsolete")]);
    }

    private static IEnumerable<(bool, string)> TypeModifiers(Type type)
    {
        var isClass = Kind(type) == "class";
        yield return (isClass && type.IsAbstract && type.IsSealed, "static");
        yield return (isClass && type.IsAbstract && !type.IsSealed, "abstract");
        yield return (isClass && type.IsSealed && !type.IsAbstract, "sealed");
        yield return (type.IsNestedFamily || type.IsNestedFamORAssem, "protected");
        yield return (IsObsolete(type), "obsolete");
    }

    private static IEnumerable<(bool, string)> MethodModifiers(MethodBase method)
    {
        var dispatched = method.IsVirtual && !method.DeclaringType!.IsInterface;
        var overrides = dispatched && (method.Attributes & MethodAttributes.NewSlot) == 0;
        yield return (method.IsStatic, "static");
        yield return (dispatched && method.IsAbstract, "abstract");
        yield return (overrides, "override");
        yield return (overrides && method.IsFinal, "sealed");
        yield return (dispatched && !overrides && !method.IsAbstract && !method.IsFinal, "virtual");
        yield return (!method.IsPublic, "protected");
        yield return (IsObsolete(method), "obsolete");
    }

    private static string Bracketed(IEnumerable<(bool Applies, string Word)> modifiers)
    {
        var words = modifiers.Where(m => m.Applies).Select(m => m.Word).ToList();
        return words.Count == 0 ? "" : $" [{string.Join(' ', words)}]";
    }

    // Accessors belong to their property; finalizers and compiler-made methods are nobody's business.
    private static bool IsListed(MethodInfo method) =>
        IsVisible(method) && !method.Name.Contains('<') && method.Name != "Finalize"
        && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal));

    private static bool IsVisible(Type type) => !type.Name.Contains('<') && (type.IsPublic
        || ((type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!)));

    private static bool IsVisible(MethodBase? method) => method is not null
        && (method.IsPublic || ((method.IsFamily || method.IsFamilyOrAssembly) && !method.DeclaringType!.IsSealed));

    private static bool IsVisible(FieldInfo field) =>
        field.IsPublic || ((field.IsFamily || field.IsFamilyOrAssembly) && !field.DeclaringType!.IsSealed);

    private static bool IsPublic(Type type) =>
        type.IsConstructedGenericType ? IsPublic(type.GetGenericTypeDefinition()) : type.IsPublic || type.IsNestedPublic;

    private static bool IsDelegate(Type type) => type.BaseType?.FullName == "System.MulticastDelegate";

    private static bool IsObsolete(MemberInfo member) => ApiText.Has(member.GetCustomAttributesData(), "System.ObsoleteAttribute");
}
