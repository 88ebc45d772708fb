using ContextAware.Attention;
using ContextAware.Caching;
using ContextAware.Masking;
using ContextAware.Scoring;
using TorchSharp;
using static ContextAware.Tests.BadInput.BadInputTable;
using static ContextAware.Tests.BadInput.Mistake;
using static TorchSharp.torch;

namespace ContextAware.Tests.BadInput;

/// <summary>Mistakes with the attention modules.</summary>
internal static class ModuleTables
{
    internal static Dictionary<Type, BadInputTable> All { get; } = new()
    {
        [typeof(ScoredAttention)] = new()
        {
            { ".ctor", Null, "score", "", () => new ScoredAttention(null!) },
            { ".ctor", OutOfRange, "dropout", "0 to 1|-0.1", () => new ScoredAttention(new DotScore(), -0.1) },
            { ".ctor", OutOfRange, "dropout", "0 to 1|NaN", () => new ScoredAttention(new DotScore(), double.NaN) },
            { "call", Null, "query", "", () => Scored(null!, Z(2, 7, 5), Z(2, 7, 3)) },
            { "call", Misfit, "query", "width 5, got 4", () => Scored(Z(2, 3, 4), Z(2, 7, 5), Z(2, 7, 3)) },
            { "call", Misfit, "query", "batch size 2, got 3", () => Scored(Z(3, 3, 5), Z(2, 7, 5), Z(2, 7, 3)) },
            { "call", Misfit, "query", "batch size 2, got 3", () => Scored(Z(3, 3, 5), Z(2, 7, 5), Z(2, 7, 3), AttentionMask.FromLengths(0, 3)) },
            { "call", Misfit, "query", "[B,T,Dq] or [B,Dq], got [5]", () => Scored(Z(5), Z(2, 7, 5), Z(2, 7, 3), AttentionMask.FromLengths(0, 3)) },
            { "call", Null, "key", "", () => Scored(Z(2, 3, 5), null!, Z(2, 7, 3)) },
            { "call", Misfit, "key", "[B,S,Dk], got [2,5]", () => Scored(Z(2, 3, 5), Z(2, 5), Z(2, 7, 3)) },
            { "call", Null, "value", "", () => Scored(Z(2, 3, 5), Z(2, 7, 5), null!) },
            { "call", Misfit, "value", "[2,7,Dv], as many as keys, got [2,6,3]", () => Scored(Z(2, 3, 5), Z(2, 7, 5), Z(2, 6, 3)) },
            { "call", Misfit, "value", "[2,7,Dv], as many as keys, got [1,7,3]", () => Scored(Z(2, 3, 5), Z(2, 7, 5), Z(1, 7, 3)) },
            { "call", Misfit, "value", "[2,7,Dv], as many as keys, got [2,7]", () => Scored(Z(2, 3, 5), Z(2, 7, 5), Z(2, 7)) },
            { "call", Misfit, "value", "Float32; got Float64", () => Scored(Z(2, 3, 5), Z(2, 7, 5), zeros(2, 7, 3, float64)) },
            { "call", Misfit, "value", "cpu; got meta", () => Scored(Z(2, 3, 5), Z(2, 7, 5), Elsewhere(2, 7, 3)) },
            { "call", Misfit, "mask", "[B] = [2]|got [3]", () => Scored(Z(2, 3, 5), Z(2, 7, 5), Z(2, 7, 3), OfThree), "lengths" },
            { "Prepare", Null, "key", "", () => Prepare(null!, Z(2, 7, 3)) },
            { "Prepare", Null, "value", "", () => Prepare(Z(2, 7, 5), null!) },
            { "Prepare", Misfit, "mask", "[B] = [2]|got [3]", () => Prepare(Z(2, 7, 5), Z(2, 7, 3), OfThree), "lengths" },
            { "Prepare", OutOfRange, "queryLength", "-1", () => Prepare(Z(2, 7, 5), Z(2, 7, 3), AttentionMask.Causal, -1) },
            { "Prepare", OutOfRange, "queryLength", "-1", () => Prepare(Z(2, 7, 5), Z(2, 7, 3), null, -1) },
            { "Attend", Null, "query", "", () => Attend(null!, Prepare(Z(2, 7, 5), Z(2, 7, 3))) },
            { "Attend", Misfit, "query", "Expected 3 queries, for which the source was prepared, got 2", () => Attend(Z(2, 2, 5), Prepare(Z(2, 7, 5), Z(2, 7, 3), AttentionMask.Causal, 3)) },
            { "Attend", Misfit, "query", "got 1", () => Attend(Z(2, 5), Prepare(Z(2, 7, 5), Z(2, 7, 3), AttentionMask.Causal, 3)) },
            { "Attend", Null, "source", "", () => Attend(Z(2, 5), null!) },
            { "Attend", Misfit, "previousWeights", "DotScore takes none", () => Attend(Z(2, 5), Prepare(Z(2, 7, 5), Z(2, 7, 3)), Z(2, 7)) },
        },
        [typeof(VanillaAttention)] = new()
        {
            { ".ctor", OutOfRange, "dim", "positive|got 0", () => new VanillaAttention(0) },
            { "call", Null, "query", "", () => Vanilla(null!, Z(2, 3, 5)) },
            { "call", Misfit, "query", "[B,5], got [2,1,5]", () => Vanilla(Z(2, 1, 5), Z(2, 3, 5)) },
            { "call", Misfit, "query", "width 5, got 4", () => Vanilla(Z(2, 4), Z(2, 3, 5)) },
            { "call", Misfit, "query", "batch size 2, got 3", () => Vanilla(Z(3, 5), Z(2, 3, 5)) },
            { "call", Misfit, "query", "Float32; got Float64", () => Vanilla(zeros(2, 5, float64), Z(2, 3, 5)) },
            { "call", Misfit, "query", "cpu; got meta", () => Vanilla(Elsewhere(2, 5), Z(2, 3, 5)) },
            { "call", Null, "key", "", () => Vanilla(Z(2, 5), null!) },
            { "call", Misfit, "key", "[B,S,Dk], got [2,5]", () => Vanilla(Z(2, 5), Z(2, 5)) },
            { "call", Misfit, "key", "width 5, got 6", () => Vanilla(Z(2, 5), Z(2, 3, 6)) },
            { "call", Misfit, "key", "Float32; got Float64", () => Vanilla(Z(2, 5), zeros(2, 3, 5, float64)) },
            { "call", Misfit, "mask", "[B] = [2]|got [3]", () => Vanilla(Z(2, 5), Z(2, 3, 5), OfThree), "lengths" },
        },
        [typeof(ScaledDotProductAttention)] = new()
        {
            { ".ctor", OutOfRange, "dropout", "0 to 1|2", () => new ScaledDotProductAttention(2) },
            { ".ctor", OutOfRange, "scale", "finite", () => new ScaledDotProductAttention(scale: double.NegativeInfinity) },
            { ".ctor", OutOfRange, "softcap", "0 (none) or more|NaN", () => new ScaledDotProductAttention(softcap: double.NaN) },
            { "call", Null, "query", "", () => ScaledDotProduct(null!, Z(2, 6, 5), Z(2, 6, 7)) },
            { "call", Misfit, "query", "[B, H, T, E]|got [5]", () => ScaledDotProduct(Z(5), Z(2, 6, 5), Z(2, 6, 7)) },
            { "call", Null, "key", "", () => ScaledDotProduct(Z(2, 3, 5), null!, Z(2, 6, 7)) },
            { "call", Misfit, "key", "width 5|got 4", () => ScaledDotProduct(Z(2, 3, 5), Z(2, 6, 4), Z(2, 6, 7)) },
            { "call", Null, "value", "", () => ScaledDotProduct(Z(2, 3, 5), Z(2, 6, 5), null!) },
            { "call", Misfit, "value", "[2, 6]|[2, 5]", () => ScaledDotProduct(Z(2, 3, 5), Z(2, 6, 5), Z(2, 5, 7)) },
            { "call", Misfit, "mask", "[B] = [2]|got [3]", () => ScaledDotProduct(Z(2, 3, 5), Z(2, 6, 5), Z(2, 6, 7), OfThree), "lengths" },
            { "call", Misfit, "bias", "[2, 3, 6] or [3, 6]|[3, 5]", () => ScaledDotProduct(Z(2, 3, 5), Z(2, 6, 5), Z(2, 6, 7), bias: Z(3, 5)) },
        },
        [typeof(MultiHeadAttention)] = MultiHead(),
        [typeof(MultiHeadAttentionOptions)] = new()
        {
            { "KeyWidth", OutOfRange, "KeyWidth", "-3", () => new MultiHeadAttention(6, 3, new() { KeyWidth = -3 }) },
            { "ValueWidth", OutOfRange, "ValueWidth", "0", () => new MultiHeadAttention(6, 3, new() { ValueWidth = 0 }) },
            { "KeyValueHeads", OutOfRange, "KeyValueHeads", "0", () => new MultiHeadAttention(6, 6, new() { KeyValueHeads = 0 }) },
            { "KeyValueHeads", Misfit, "KeyValueHeads", "divides the 6 heads|got 4", () => new MultiHeadAttention(6, 6, new() { KeyValueHeads = 4 }), "options" },
            { "Dropout", OutOfRange, "Dropout", "0 to 1|-0.1", () => new MultiHeadAttention(6, 3, new() { Dropout = -0.1 }), "dropout" },
            { "Softcap", OutOfRange, "Softcap", "0 (none) or more|-2", () => new MultiHeadAttention(6, 3, new() { Softcap = -2 }), "softcap" },
            { "Scale", OutOfRange, "Scale", "finite", () => new MultiHeadAttention(6, 3, new() { Scale = double.PositiveInfinity }), "scale" },
        },
        [typeof(AttentionCall)] = new()
        {
            { "Mask", Null, "Mask", "", () => Forward(new() { Mask = null! }), "options" },
            { "Mask", Misfit, "Mask", "[B] = [2]|got [3]", () => Forward(new() { Mask = OfThree }), "lengths" },
            { "Bias", Misfit, "Bias", "[4, 4]|[5, 4]", () => Forward(new() { Bias = Z(5, 4) }), "bias" },
            { "Cache", Misfit, "Cache", "batch size 2, got 3", () => Forward(new() { Cache = CrossOfThree() }), "call" },
        },
        [typeof(SelfAttention)] = new()
        {
            { ".ctor", OutOfRange, "dim", "positive|got 0", () => new SelfAttention(0) },
            { ".ctor", OutOfRange, "heads", "positive|got -1", () => new SelfAttention(6, -1) },
            { ".ctor", Misfit, "heads", "divides the width 6|got 4", () => new SelfAttention(6, 4) },
            { ".ctor", OutOfRange, "dropout", "0 to 1|3", () => new SelfAttention(8, 2, 3) },
            { "call", Null, "x", "", () => Self(null!) },
            { "call", Misfit, "x", "[B,N,6], got [2,4,5]", () => Self(Z(2, 4, 5)) },
            { "call", Misfit, "x", "[B,N,6], got [4,6]", () => Self(Z(4, 6)) },
            { "call", Misfit, "x", "Float32; got Float64", () => Self(zeros(2, 4, 6, float64)) },
            { "call", Misfit, "x", "cpu; got meta", () => Self(Elsewhere(2, 4, 6)) },
            { "call", Misfit, "mask", "[B] = [2]|got [3]", () => Self(Z(2, 4, 6), OfThree), "lengths" },
        },
        [typeof(SimplifiedSelfAttention)] = new()
        {
            { ".ctor", OutOfRange, "dim", "positive|got 0", () => new SimplifiedSelfAttention(0) },
            { ".ctor", OutOfRange, "heads", "positive|got -1", () => new SimplifiedSelfAttention(8, -1) },
            { ".ctor", Misfit, "heads", "divides the width 9|got 2", () => new SimplifiedSelfAttention(9, 2) },
            { ".ctor", OutOfRange, "dropout", "0 to 1|-0.1", () => new SimplifiedSelfAttention(8, 2, -0.1) },
            { "call", Null, "input", "", () => SimplifiedSelf(null!) },
            { "call", Misfit, "input", "[B,N,6], got [2,6]", () => SimplifiedSelf(Z(2, 6)) },
            { "call", Misfit, "input", "Float32; got Float64", () => SimplifiedSelf(zeros(2, 3, 6, float64)) },
            { "call", Misfit, "input", "cpu; got meta", () => SimplifiedSelf(Elsewhere(2, 3, 6)) },
            { "call", Misfit, "mask", "[B] = [2]|got [3]", () => SimplifiedSelf(Z(2, 3, 6), OfThree), "lengths" },
        },
        [typeof(SimplifiedScaledDotProductAttention)] = new()
        {
            { ".ctor", OutOfRange, "dim", "positive|got -2", () => new SimplifiedScaledDotProductAttention(-2) },
            { ".ctor", OutOfRange, "heads", "positive|got 0", () => new SimplifiedScaledDotProductAttention(8, 0) },
            { ".ctor", Misfit, "heads", "divides the width 9|got 2", () => new SimplifiedScaledDotProductAttention(9, 2) },
            { ".ctor", OutOfRange, "dropout", "0 to 1|NaN", () => new SimplifiedScaledDotProductAttention(8, 2, double.NaN) },
            { "call", Null, "query", "", () => Simplified(null!, Z(2, 3, 6), Z(2, 3, 6)) },
            { "call", Null, "key", "", () => Simplified(Z(2, 3, 6), null!, Z(2, 3, 6)) },
            { "call", Null, "value", "", () => Simplified(Z(2, 3, 6), Z(2, 3, 6), null!) },
            { "call", Misfit, "query", "[B,N,6], got [2,3,5]", () => Simplified(Z(2, 3, 5), Z(2, 3, 6), Z(2, 3, 6)) },
            { "call", Misfit, "key", "[B,N,6], got [2,3,5]", () => Simplified(Z(2, 3, 6), Z(2, 3, 5), Z(2, 3, 6)) },
            { "call", Misfit, "key", "batch size 2|got 1", () => Simplified(Z(2, 3, 6), Z(1, 3, 6), Z(1, 3, 6)) },
            { "call", Misfit, "value", "[B,N,6], got [2,3,5]", () => Simplified(Z(2, 3, 6), Z(2, 3, 6), Z(2, 3, 5)) },
            { "call", Misfit, "value", "got [2, 3, 4]", () => Simplified(Z(2, 3, 6), Z(2, 3, 6), Z(2, 4, 6)) },
            { "call", Misfit, "mask", "[B] = [2]|got [3]", () => Simplified(Z(2, 3, 6), Z(2, 3, 6), Z(2, 3, 6), OfThree), "lengths" },
        },
        [typeof(ExternalAttention)] = new()
        {
            { ".ctor", OutOfRange, "dim", "positive|got 0", () => new ExternalAttention(0) },
            { ".ctor", OutOfRange, "memory", "positive|got -1", () => new ExternalAttention(3, -1) },
            { "call", Null, "input", "", () => External(null!) },
            { "call", Misfit, "input", "[B,N,6], got [2,6]", () => External(Z(2, 6)) },
            { "call", Misfit, "input", "[B,N,6], got [2,3,4]", () => External(Z(2, 3, 4)) },
            { "call", Misfit, "input", "Float32; got Float64", () => External(zeros(2, 3, 6, float64)) },
            { "call", Misfit, "input", "cpu; got meta", () => External(Elsewhere(2, 3, 6)) },
            { "call", Misfit, "mask", "same for every query", () => External(Z(2, 3, 6), AttentionMask.Causal) },
            { "call", Misfit, "mask", "[B] = [2]|got [3]", () => External(Z(2, 3, 6), OfThree), "lengths" },
        },
        [typeof(MultiHeadExternalAttention)] = new()
        {
            { ".ctor", OutOfRange, "dim", "positive|got 0", () => new MultiHeadExternalAttention(0) },
            { ".ctor", OutOfRange, "heads", "positive|got 0", () => new MultiHeadExternalAttention(8, 0) },
            { ".ctor", Misfit, "heads", "divides the width 7|got 2", () => new MultiHeadExternalAttention(7, 2) },
            { ".ctor", OutOfRange, "memory", "positive|got 0", () => new MultiHeadExternalAttention(8, 2, 0) },
            { ".ctor", OutOfRange, "expansion", "positive|got 0", () => new MultiHeadExternalAttention(8, 2, 3, 0) },
            { ".ctor", OutOfRange, "dropout", "0 to 1|1.1", () => new MultiHeadExternalAttention(8, 2, dropout: 1.1) },
            { "call", Null, "input", "", () => MultiHeadExternal(null!) },
            { "call", Misfit, "input", "[B,N,6], got [2,3,4]", () => MultiHeadExternal(Z(2, 3, 4)) },
            { "call", Misfit, "input", "Float32; got Int64", () => MultiHeadExternal(zeros(2, 3, 6, ScalarType.Int64)) },
            { "call", Misfit, "input", "cpu; got meta", () => MultiHeadExternal(Elsewhere(2, 3, 6)) },
            { "call", Misfit, "mask", "same for every query", () => MultiHeadExternal(Z(2, 3, 6), AttentionMask.Causal) },
        },
    };

    private static BadInputTable MultiHead()
    {
        BadInputTable table = new()
        {
            { ".ctor", OutOfRange, "width", "0", () => new MultiHeadAttention(0, 3) },
            { ".ctor", OutOfRange, "heads", "-1", () => new MultiHeadAttention(6, -1) },
            { ".ctor", Misfit, "heads", "divides the width 6|got 4", () => new MultiHeadAttention(6, 4) },
            { ".ctor", Misfit, "options", "divides the 6 heads|got 4", () => new MultiHeadAttention(6, 6, new() { KeyValueHeads = 4 }) },
            { "call", Misfit, "cache", "batch size 2, got 3", () => Of(false, module => module.call(Z(2, 4, 6), cache: CrossOfThree())), "call" },
        };
        foreach (var extra in new[] { false, true })
        {
            Tensor Q() => Z(2, 4, 6);
            Tensor K() => Z(2, 7, 5);
            Tensor V() => Z(2, 7, 3);
            void Add(Mistake mistake, string parameter, string fragments, Func<MultiHeadAttention, object?> call, string? named = null) =>
                table.Add("call", mistake, parameter, fragments, () => Of(extra, call), named);

            Add(Null, "query", "", module => module.call(null!));
            Add(Misfit, "query", "D = 6|[2, 4, 5]", module => module.call(Z(2, 4, 5), K(), V()));
            Add(Misfit, "query", "D = 6|[6]", module => module.call(Z(6), K(), V()));
            Add(Misfit, "query", "[B, T, D] or [T, D]|[1, 2, 4, 6]", module => module.call(Z(1, 2, 4, 6), K(), V()));
            Add(Misfit, "query", "Float32|Float64", module => module.call(Q().to(float64), K(), V()));
            Add(Misfit, "query", "device cpu|got meta", module => module.call(Elsewhere(2, 4, 6), K(), V()));
            Add(Misfit, "key", "kdim = 5|[2, 7, 6]", module => module.call(Q(), Z(2, 7, 6), V()));
            Add(Misfit, "key", "query's batch|[2, 4, 6]|[3, 7, 5]", module => module.call(Q(), Z(3, 7, 5), V()));
            Add(Misfit, "key", "query's batch|[7, 5]", module => module.call(Q(), Z(7, 5), V()));
            Add(Misfit, "key", "Float32|Int64", module => module.call(Q(), K().to(int64), V()));
            Add(Misfit, "value", "vdim = 3|[2, 7, 5]", module => module.call(Q(), K()));
            Add(Misfit, "value", "[2, 7]|[2, 8]", module => module.call(Q(), K(), Z(2, 8, 3)));
            Add(Misfit, "mask", "[B] = [2]|[3]", module => module.call(Q(), K(), V(), OfThree), "lengths");
            Add(Misfit, "bias", "[2, 3, 4, 7] or [4, 7]|[4, 8]", module => module.call(Q(), K(), V(), bias: Z(4, 8)));
            Add(Misfit, "bias", "device cpu|got meta", module => module.call(Q(), K(), V(), bias: Elsewhere(4, 7)));
        }
        return table;

        static object? Of(bool extra, Func<MultiHeadAttention, object?> call)
        {
            using var module = new MultiHeadAttention(6, 3, new() { KeyWidth = 5, ValueWidth = 3, AddZeroAttention = extra });
            return call(module);
        }
    }

    private static AttentionResult Scored(Tensor query, Tensor key, Tensor value, AttentionMask? mask = null)
    {
        using var module = new ScoredAttention(new DotScore());
        return module.call(query, key, value, mask);
    }

    private static AttentionSource Prepare(Tensor key, Tensor value, AttentionMask? mask = null, long queryLength = 1)
    {
        using var module = new ScoredAttention(new DotScore());
        return module.Prepare(key, value, mask, queryLength);
    }

    private static AttentionResult Attend(Tensor query, AttentionSource source, Tensor? previous = null)
    {
        using var module = new ScoredAttention(new DotScore());
        return module.Attend(query, source, previousWeights: previous);
    }

    private static AttentionResult Vanilla(Tensor query, Tensor key, AttentionMask? mask = null)
    {
        using var module = new VanillaAttention(5);
        return module.call(query, key, mask);
    }

    private static AttentionResult ScaledDotProduct(Tensor query, Tensor key, Tensor value, AttentionMask? mask = null, Tensor? bias = null)
    {
        using var module = new ScaledDotProductAttention();
        return module.call(query, key, value, mask, bias);
    }

    private static AttentionResult Forward(AttentionCall call)
    {
        using var module = new MultiHeadAttention(6, 3);
        var x = Z(2, 4, 6);
        return module.forward(x, x, x, call);
    }

    private static Tensor Self(Tensor x, AttentionMask? mask = null)
    {
        using var module = new SelfAttention(6, 3);
        return module.call(x, mask);
    }

    private static Tensor SimplifiedSelf(Tensor x, AttentionMask? mask = null)
    {
        using var module = new SimplifiedSelfAttention(6, 3);
        return module.call(x, mask);
    }

    private static AttentionResult Simplified(Tensor query, Tensor key, Tensor value, AttentionMask? mask = null)
    {
        using var module = new SimplifiedScaledDotProductAttention(6, 3);
        return module.call(query, key, value, mask);
    }

    private static AttentionResult External(Tensor x, AttentionMask? mask = null)
    {
        using var module = new ExternalAttention(6, 4);
        return module.call(x, mask);
    }

    private static AttentionResult MultiHeadExternal(Tensor x, AttentionMask? mask = null)
    {
        using var module = new MultiHeadExternalAttention(6, 3);
        return module.call(x, mask);
    }

    private static CrossAttentionCache CrossOfThree()
    {
        var cache = new CrossAttentionCache();
        cache.Append(Z(3, 3, 5, 2), Z(3, 3, 5, 2));
        return cache;
    }
}
