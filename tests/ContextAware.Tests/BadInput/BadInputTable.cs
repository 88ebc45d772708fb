using System.Collections;
using ContextAware.Masking;
using static TorchSharp.torch;

namespace ContextAware.Tests.BadInput;

/// <summary>All mistakes that callers of one type are told about.</summary>
internal sealed class BadInputTable : IEnumerable<BadInput>
{
    private readonly List<BadInput> rows = [];

    /// <summary>Adds a row; fragments of the message are parted by bars.</summary>
    public void Add(string member, Mistake mistake, string parameter, string fragments, Func<object?> call, string? named = null) =>
        rows.Add(new(member, mistake, parameter, fragments.Split('|', StringSplitOptions.RemoveEmptyEntries), call) { Named = named });

    /// <summary>The tables of all types.</summary>
    internal static IReadOnlyDictionary<Type, BadInputTable> All { get; } =
        ScoringTables.All.Concat(MaskingTables.All).Concat(AttentionTables.All).Concat(ModuleTables.All).ToDictionary(pair => pair.Key, pair => pair.Value);

    /// <summary>Zeros.</summary>
    internal static Tensor Z(params long[] shape) => zeros(shape);

    /// <summary>Zeros that are nowhere.</summary>
    internal static Tensor Elsewhere(params long[] shape) => zeros(shape, device: META);

    /// <summary>A mask for a batch of three.</summary>
    internal static AttentionMask OfThree => AttentionMask.FromLengths(1, 2, 3);

    public IEnumerator<BadInput> GetEnumerator() => rows.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
