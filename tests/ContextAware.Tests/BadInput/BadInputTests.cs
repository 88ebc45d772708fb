using System.Reflection;
using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Scoring;
using static TorchSharp.torch;

namespace ContextAware.Tests.BadInput;

/// <summary>Bad input to any public member: the exception's type, the argument's name, what was expected and what came.</summary>
public class BadInputTests
{
    private static readonly Dictionary<string, BadInput> Rows = (
        from table in BadInputTable.All
        from row in table.Value.Select((bad, number) => (bad, number))
        select (Key: $"{table.Key.Name}{row.bad.Member.TrimStart('.').Insert(0, ".")} {row.bad.Parameter} #{row.number}", row.bad)).ToDictionary(row => row.Key, row => row.bad);

    /// <summary>What isn't for callers to get wrong: what comes out, and what has nothing but names.</summary>
    private static readonly Type[] Exempt =
    [
        typeof(AttentionResult), typeof(AttentionPlan), typeof(AttentionPath), typeof(PaddingMeaning), typeof(IPositionTransform), typeof(ScoreFunction), typeof(AttentionWorkload),
    ];

    /// <summary>Any number will do.</summary>
    private static readonly string[] Fine = ["CausalFrom offset", "SlidingWindowFrom offset"];

    public static TheoryData<string> Cases => [.. Rows.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_mistake_is_named(string key)
    {
        using var scope = NewDisposeScope();
        var bad = Rows[key];
        var thrown = Assert.ThrowsAny<ArgumentException>(bad.Call);
        Assert.Equal(
            bad.Mistake switch { Mistake.Null => typeof(ArgumentNullException), Mistake.OutOfRange => typeof(ArgumentOutOfRangeException), _ => typeof(ArgumentException) },
            thrown.GetType());
        Assert.Equal(bad.Named ?? bad.Parameter, thrown.ParamName);
        Assert.All(bad.Fragments, fragment => Assert.Contains(fragment, thrown.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_argument_of_every_public_member_has_a_row()
    {
        var missing =
            from type in typeof(ScoreFunction).Assembly.GetExportedTypes()
            where type.Namespace is "ContextAware.Scoring" or "ContextAware.Attention" or "ContextAware.Masking" && !Exempt.Contains(type)
            from needed in Needed(type)
            where !Fine.Contains($"{needed.Member} {needed.Parameter}")
            where !(BadInputTable.All.TryGetValue(type, out var table) && table.Any(bad => bad.Member == needed.Member && bad.Parameter == needed.Parameter))
            select $"{type.Name}: {needed.Member}({needed.Parameter})";
        Assert.Empty(missing);
    }

    /// <summary>Arguments and settable properties that can be wrong. Modules are called by <c>call</c>, which forward stands behind.</summary>
    private static IEnumerable<(string Member, string Parameter)> Needed(Type type)
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var isRecord = type.GetMethod("<Clone>$") is not null;
        foreach (var constructor in type.GetConstructors())
            foreach (var parameter in constructor.GetParameters().Where(CanBeWrong))
                yield return (".ctor", parameter.Name!);
        foreach (var property in type.GetProperties(Declared).Where(property => property.SetMethod?.IsPublic == true && CanBeWrong(property.PropertyType)))
            yield return (property.Name, property.Name);
        foreach (var method in type.GetMethods(Declared).Where(method => !isRecord && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) && method.Name != "forward"))
            foreach (var parameter in method.GetParameters().Where(CanBeWrong))
                yield return (method.Name, parameter.Name!);
    }

    private static bool CanBeWrong(ParameterInfo parameter) => CanBeWrong(parameter.ParameterType);

    private static bool CanBeWrong(Type type) => type != typeof(bool) && type != typeof(string) && type != typeof(IPositionTransform) && !typeof(Delegate).IsAssignableFrom(type);
}
