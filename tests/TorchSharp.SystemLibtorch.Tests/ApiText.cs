using System.Globalization;
using System.Reflection;

namespace TorchSharp.SystemLibtorch.Tests;

/// <summary>Types, parameters, default values and constraints in the words of C#, from metadata alone.</summary>
internal static class ApiText
{
    private const string Attributes = "System.Runtime.CompilerServices.";

    private static readonly Dictionary<string, string> s_keywords = new()
    {
        ["System.Void"] = "void", ["System.Boolean"] = "bool", ["System.Byte"] = "byte", ["System.SByte"] = "sbyte",
        ["System.Int16"] = "short", ["System.UInt16"] = "ushort", ["System.Int32"] = "int", ["System.UInt32"] = "uint",
        ["System.Int64"] = "long", ["System.UInt64"] = "ulong", ["System.Single"] = "float", ["System.Double"] = "double",
        ["System.Decimal"] = "decimal", ["System.Char"] = "char", ["System.String"] = "string", ["System.Object"] = "object",
    };

    public static string Definition(Type type) => Name(type.IsGenericType ? type.GetGenericTypeDefinition() : type);

    public static string Name(Type type) => Name(type, new Queue<string?>());

    /// <summary>The type's name; the attributes of what has that type give the names of tuple elements.</summary>
    public static string Name(Type type, IList<CustomAttributeData> attributes)
    {
        var names = attributes.FirstOrDefault(a => a.AttributeType.FullName == Attributes + "TupleElementNamesAttribute")?.ConstructorArguments[0].Value;
        var queue = ((IEnumerable<CustomAttributeTypedArgument>?)names)?.Select(n => (string?)n.Value);
        return Name(type, new Queue<string?>(queue ?? []));
    }

    public static string Signature(MethodInfo method)
    {
        var arguments = method.IsGenericMethodDefinition ? method.GetGenericArguments() : [];
        var generic = arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(a => a.Name))}>";
        return $"{method.Name}{generic}({Parameters(method)}) -> {Result(method)}{Constraints(arguments)}";
    }

    public static string Parameters(MethodBase method)
    {
        var list = string.Join(", ", method.GetParameters().Select(Parameter));
        return Has(method.GetCustomAttributesData(), Attributes + "ExtensionAttribute") ? "this " + list : list;
    }

    public static string Parameter(ParameterInfo parameter)
    {
        var attributes = parameter.GetCustomAttributesData();
        var type = parameter.ParameterType;
        var prefix = Has(attributes, "System.ParamArrayAttribute") || Has(attributes, Attributes + "ParamCollectionAttribute") ? "params " : "";
        if (type.IsByRef)
        {
            prefix += parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ";
            type = type.GetElementType()!;
        }

        var value = parameter.HasDefaultValue ? $" = {Value(parameter.RawDefaultValue, type)}" : parameter.IsOptional ? " = default" : "";
        return $"{prefix}{Name(type, attributes)} {parameter.Name}{value}";
    }

    public static string Result(MethodInfo method)
    {
        var attributes = method.ReturnParameter.GetCustomAttributesData();
        return method.ReturnType.IsByRef ? "ref " + Name(method.ReturnType.GetElementType()!, attributes) : Name(method.ReturnType, attributes);
    }

    public static string Value(object? value, Type type)
    {
        var underlying = IsNullable(type) ? type.GetGenericArguments()[0] : type;
        if (value is null or DBNull or Missing)
            return (type.IsValueType && !IsNullable(type)) || type.IsGenericParameter ? "default" : "null";
        if (underlying.IsEnum)
            return underlying.GetFields(BindingFlags.Public | BindingFlags.Static).FirstOrDefault(f => value.Equals(f.GetRawConstantValue())) is { } field
                ? $"{underlying.Name}.{field.Name}"
                : $"({underlying.Name}){Convert.ToString(value, CultureInfo.InvariantCulture)}";
        return value switch
        {
            string s => $"\"{s.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"",
            char c => $"'{c}'",
            bool b => b ? "true" : "false",
            double d => d.ToString("R", CultureInfo.InvariantCulture),
            float f => f.ToString("R", CultureInfo.InvariantCulture) + "f",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
    }

    public static string Constraints(IEnumerable<Type> arguments) =>
        string.Concat(arguments.Select(a => (a.Name, Rules: string.Join(", ", Rules(a)))).Where(a => a.Rules != "").Select(a => $" where {a.Name} : {a.Rules}"));

    public static bool Has(IList<CustomAttributeData> attributes, string fullName) => attributes.Any(a => a.AttributeType.FullName == fullName);

    private static IEnumerable<string> Rules(Type argument)
    {
        var flags = argument.GenericParameterAttributes;
        var isStruct = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        if (isStruct)
            yield return Has(argument.GetCustomAttributesData(), Attributes + "IsUnmanagedAttribute") ? "unmanaged" : "struct";
        if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
            yield return "class";
        foreach (var type in argument.GetGenericParameterConstraints().Where(t => t.FullName != "System.ValueType").Select(Name).Order(StringComparer.Ordinal))
            yield return type;
        if (!isStruct && flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint))
            yield return "new()";
    }

    private static string Name(Type type, Queue<string?> tupleNames)
    {
        if (type.IsGenericParameter)
            return type.Name;
        if (type.HasElementType)
            return Name(type.GetElementType()!, tupleNames) + (type.IsPointer ? "*" : type.IsArray ? $"[{new string(',', type.GetArrayRank() - 1)}]" : "&");
        if (type.FullName is { } fullName && s_keywords.TryGetValue(fullName, out var keyword))
            return keyword;
        if (IsNullable(type))
            return Name(type.GetGenericArguments()[0], tupleNames) + "?";
        return IsTuple(type) ? Tuple(type, tupleNames) : Qualified(type, tupleNames);
    }

    // A tuple's own names come before those of the tuples inside it; longer than seven, it goes on in its last argument.
    private static string Tuple(Type type, Queue<string?> tupleNames)
    {
        var elements = new List<Type>();
        var part = type;
        for (; part.GetGenericArguments().Length == 8; part = part.GetGenericArguments()[7])
            elements.AddRange(part.GetGenericArguments().Take(7));
        elements.AddRange(part.GetGenericArguments());
        var names = elements.Select(_ => tupleNames.TryDequeue(out var name) ? name : null).ToList();
        return $"({string.Join(", ", elements.Zip(names, (e, n) => Name(e, tupleNames) + (n is null ? "" : $" {n}")))})";
    }

    // The arguments of a nested generic type belong to the types of the chain that declare them.
    private static string Qualified(Type type, Queue<string?> tupleNames)
    {
        var arguments = new Queue<Type>(type.GetGenericArguments());
        var chain = new Stack<string>();
        for (var t = type; t is not null; t = t.DeclaringType)
            chain.Push(t.Name);
        var parts = chain.Select(name => name.Split('`')).Select(name => name.Length == 1 ? name[0]
            : $"{name[0]}<{string.Join(", ", Enumerable.Range(0, int.Parse(name[1], CultureInfo.InvariantCulture)).Select(_ => Name(arguments.Dequeue(), tupleNames)))}>");
        var nested = string.Join('.', parts);
        return string.IsNullOrEmpty(type.Namespace) ? nested : $"{type.Namespace}.{nested}";
    }

    private static bool IsNullable(Type type) => type.IsConstructedGenericType && type.GetGenericTypeDefinition().FullName == "System.Nullable`1";

    private static bool IsTuple(Type type) => type.IsConstructedGenericType && type.GetGenericArguments().Length > 1
        && type.GetGenericTypeDefinition().FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal);
}
