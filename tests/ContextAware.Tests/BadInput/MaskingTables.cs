using ContextAware.Masking;
using TorchSharp;
using static ContextAware.Tests.BadInput.BadInputTable;
using static ContextAware.Tests.BadInput.Mistake;
using static TorchSharp.torch;

namespace ContextAware.Tests.BadInput;

/// <summary>Mistakes with masks.</summary>
internal static class MaskingTables
{
    internal static Dictionary<Type, BadInputTable> All { get; } = new()
    {
        [typeof(AttentionMask)] = new()
        {
            { "CausalFrom", Null, "offsets", "", () => AttentionMask.CausalFrom(null!) },
            { "CausalFrom", Misfit, "offsets", "integers [B]|Float32", () => AttentionMask.CausalFrom(Z(2)) },
            { "CausalFrom", Misfit, "offsets", "[B]|[2, 1]", () => AttentionMask.CausalFrom(zeros(2, 1, int64)) },
            { "CausalFrom", Misfit, "offsets", "[B] = [2]|got [3]", () => Fit(AttentionMask.CausalFrom(zeros(3, int64))) },
            { "SlidingWindow", OutOfRange, "before", "-1", () => AttentionMask.SlidingWindow(-1) },
            { "SlidingWindow", OutOfRange, "after", "-2", () => AttentionMask.SlidingWindow(1, -2) },
            { "SlidingWindowFrom", OutOfRange, "before", "-1", () => AttentionMask.SlidingWindowFrom(0, -1) },
            { "SlidingWindowFrom", OutOfRange, "after", "-2", () => AttentionMask.SlidingWindowFrom(0, 1, -2) },
            { "SlidingWindowFrom", OutOfRange, "before", "-1", () => AttentionMask.SlidingWindowFrom(zeros(2, int64), -1) },
            { "SlidingWindowFrom", OutOfRange, "after", "-2", () => AttentionMask.SlidingWindowFrom(zeros(2, int64), 1, -2) },
            { "SlidingWindowFrom", Null, "offsets", "", () => AttentionMask.SlidingWindowFrom(null!, 1) },
            { "SlidingWindowFrom", Misfit, "offsets", "integers [B]|Float32", () => AttentionMask.SlidingWindowFrom(Z(2), 1) },
            { "SlidingWindowFrom", Misfit, "offsets", "[B] = [2]|got [3]", () => Fit(AttentionMask.SlidingWindowFrom(zeros(3, int64), 1)) },
            { "Blocks", OutOfRange, "size", "0", () => AttentionMask.Blocks(0) },
            { "Blocks", OutOfRange, "size", "-3", () => AttentionMask.Blocks(-3) },
            { "Documents", Null, "queryIds", "", () => AttentionMask.Documents(null!, zeros(2, 5, int64)) },
            { "Documents", Null, "keyIds", "", () => AttentionMask.Documents(zeros(2, 3, int64), null!) },
            { "Documents", Misfit, "queryIds", "integers [B, T]|Float32", () => AttentionMask.Documents(Z(2, 3), zeros(2, 5, int64)) },
            { "Documents", Misfit, "keyIds", "[B, S]|[5]", () => AttentionMask.Documents(zeros(2, 3, int64), zeros(5, int64)) },
            { "Documents", Misfit, "keyIds", "[B, S] = [2, 5]|got [1, 6]", () => Fit(AttentionMask.Documents(zeros(2, 3, int64), zeros(1, 6, int64))) },
            { "FromLengths", OutOfRange, "lengths", "-1", () => AttentionMask.FromLengths(2, -1) },
            { "FromLengths", Null, "lengths", "", () => AttentionMask.FromLengths((Tensor)null!) },
            { "FromLengths", Misfit, "lengths", "integers [B]|Float32", () => AttentionMask.FromLengths(Z(2)) },
            { "FromLengths", Misfit, "lengths", "[B]|[2, 1]", () => AttentionMask.FromLengths(zeros(2, 1, int64)) },
            { "FromLengths", Misfit, "lengths", "[B] = [2]|got [3]", () => Fit(OfThree) },
            { "FromLengths", Misfit, "lengths", "[B] = [2]|got [0]", () => Fit(AttentionMask.FromLengths()) },
            { "FromKeyPadding", Null, "padding", "", () => AttentionMask.FromKeyPadding(null!, PaddingMeaning.TrueIsToken) },
            { "FromKeyPadding", Misfit, "padding", "[B, S]|[3]", () => AttentionMask.FromKeyPadding(ones(3, @bool), PaddingMeaning.TrueIsToken) },
            { "FromKeyPadding", Misfit, "padding", "[B, S] = [2, 5]|got [2, 4]", () => Fit(AttentionMask.FromKeyPadding(ones(2, 4, @bool), PaddingMeaning.TrueIsToken)) },
            { "FromKeyPadding", OutOfRange, "meaning", "TrueIsPadding|7", () => AttentionMask.FromKeyPadding(ones(2, 5, @bool), (PaddingMeaning)7) },
            { "FromBoolean", Null, "allowed", "", () => AttentionMask.FromBoolean(null!) },
            { "FromBoolean", Misfit, "allowed", "bool|Float32", () => AttentionMask.FromBoolean(Z(2, 3)) },
            { "FromBoolean", Misfit, "allowed", "[T, S]|got [3]", () => AttentionMask.FromBoolean(ones(3, @bool)) },
            { "FromBoolean", Misfit, "allowed", "[B, H, T, S] = [2, 4, 3, 5]|got [1, 3, 3, 5]", () => Fit(AttentionMask.FromBoolean(ones(1, 3, 3, 5, @bool))) },
            { "FromBoolean", Misfit, "allowed", "[B, H, T, S] = [2, 4, 3, 5]|got [1, 1, 3, 4]", () => Fit(AttentionMask.Causal & AttentionMask.FromBoolean(ones(3, 4, @bool))) },
            { "And", Null, "other", "", () => AttentionMask.Causal.And(null!) },
            { "op_BitwiseAnd", Null, "left", "", () => null! & AttentionMask.Causal },
            { "op_BitwiseAnd", Null, "right", "", () => AttentionMask.Causal & null! },
            { "ToTensor", OutOfRange, "batch", "-1", () => AttentionMask.Causal.ToTensor(-1, 1, 1, 1, CPU) },
            { "ToTensor", OutOfRange, "heads", "-1", () => AttentionMask.Causal.ToTensor(1, -1, 1, 1, CPU) },
            { "ToTensor", OutOfRange, "queryLength", "-1", () => AttentionMask.Causal.ToTensor(1, 1, -1, 1, CPU) },
            { "ToTensor", OutOfRange, "keyLength", "-1", () => AttentionMask.Causal.ToTensor(1, 1, 1, -1, CPU) },
            { "ToTensor", Null, "device", "", () => AttentionMask.Causal.ToTensor(1, 1, 1, 1, null!) },
            { "ToString", OutOfRange, "queryLength", "-1", () => AttentionMask.Causal.ToString(-1, 1) },
            { "ToString", OutOfRange, "keyLength", "-1", () => AttentionMask.Causal.ToString(1, -1) },
        },
        [typeof(MaskedSoftmax)] = new()
        {
            { "Apply", Null, "scores", "", () => MaskedSoftmax.Apply(null!, null) },
            { "Apply", Misfit, "scores", "floating-point|Int64", () => MaskedSoftmax.Apply(zeros(2, 3, int64), null) },
            { "Apply", Misfit, "scores", "[…, T, S]|[]", () => MaskedSoftmax.Apply(tensor(1f), null) },
            { "Apply", Misfit, "allowed", "bool|Float32", () => MaskedSoftmax.Apply(Z(2, 3), Z(2, 3)) },
            { "Apply", Misfit, "allowed", "broadcasts to [2, 3]|got [2, 1, 3]", () => MaskedSoftmax.Apply(Z(2, 3), ones(2, 1, 3, @bool)) },
            { "Apply", Misfit, "allowed", "broadcasts to [2, 3]|got [2, 4]", () => MaskedSoftmax.Apply(Z(2, 3), ones(2, 4, @bool)) },
            { "Apply", Misfit, "allowed", "device cpu|got meta", () => MaskedSoftmax.Apply(Z(2, 3), Elsewhere(2, 3).to(ScalarType.Bool)) },
        },
    };

    /// <summary>For a batch of two, four heads, three queries and five keys.</summary>
    private static Tensor? Fit(AttentionMask mask) => mask.ToTensor(2, 4, 3, 5, CPU);
}
