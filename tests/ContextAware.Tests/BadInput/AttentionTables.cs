using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Scoring;
using TorchSharp;
using static ContextAware.Tests.BadInput.BadInputTable;
using static ContextAware.Tests.BadInput.Mistake;
using static TorchSharp.torch;

namespace ContextAware.Tests.BadInput;

/// <summary>Mistakes with the pure functions and their options.</summary>
internal static class AttentionTables
{
    internal static Dictionary<Type, BadInputTable> All { get; } = new()
    {
        [typeof(AttentionFunctions)] = Functions(),
        [typeof(AttentionOptions)] = new()
        {
            { "Mask", Null, "Mask", "", () => Attend(options: new() { Mask = null! }), "options" },
            { "Mask", Misfit, "Mask", "[B] = [2]|got [3]", () => Attend(options: new() { Mask = OfThree }), "lengths" },
            { "Bias", Misfit, "Bias", "[2, 4, 3, 6] or [3, 6]|[3, 7]", () => Attend(options: new() { Bias = Z(3, 7) }), "bias" },
            { "Bias", Misfit, "Bias", "[2, 4, 3, 6] or [3, 6]|[4, 3, 6]", () => Attend(options: new() { Bias = Z(4, 3, 6) }), "bias" },
            { "Bias", Misfit, "Bias", "floating-point|Bool", () => Attend(options: new() { Bias = ones(3, 6, @bool) }), "bias" },
            { "Bias", Misfit, "Bias", "device cpu|got meta", () => Attend(options: new() { Bias = Elsewhere(3, 6) }), "bias" },
            { "Scale", OutOfRange, "Scale", "finite|NaN", () => Attend(options: new() { Scale = double.NaN }), "scale" },
            { "Softcap", OutOfRange, "Softcap", "0 (none) or more|-1", () => Attend(options: new() { Softcap = -1 }), "softcap" },
            { "Softcap", OutOfRange, "Softcap", "0 (none) or more", () => Attend(options: new() { Softcap = double.PositiveInfinity }), "softcap" },
            { "Dropout", OutOfRange, "Dropout", "0 to 1|1.5", () => Attend(options: new() { Dropout = 1.5 }), "dropout" },
            { "Path", OutOfRange, "Path", "path that exists|9", () => Attend(options: new() { Path = (AttentionPath)9 }), "options" },
            { "Path", Misfit, "Path", "no weights", () => Attend(options: new() { Path = AttentionPath.Fused, NeedWeights = true }), "options" },
            { "Path", Misfit, "Path", "no softcap", () => Attend(options: new() { Path = AttentionPath.Fused, Softcap = 2 }), "options" },
            { "Path", Misfit, "Path", "explicit path|Blocks", () => Attend(Z(2, 4, 3, 5).requires_grad_(), options: new() { Path = AttentionPath.Blocks, NeedWeights = true }), "options" },
        },
        [typeof(AttentionPlanner)] = new() { { "Plan", Null, "workload", "", () => AttentionPlanner.Plan(null!) } },
        [typeof(Heads)] = new()
        {
            { "Split", Null, "tensor", "", () => Heads.Split(null!, 2) },
            { "Split", Misfit, "tensor", "[B, L, H·E], got [2, 10]", () => Heads.Split(Z(2, 10), 5) },
            { "Split", Misfit, "tensor", "3 heads divide, got 10", () => Heads.Split(Z(2, 3, 10), 3) },
            { "Split", OutOfRange, "heads", "0", () => Heads.Split(Z(2, 3, 10), 0) },
            { "Split", OutOfRange, "heads", "-5", () => Heads.Split(Z(2, 3, 10), -5) },
            { "Combine", Null, "tensor", "", () => Heads.Combine(null!) },
            { "Combine", Misfit, "tensor", "[B, H, L, E], got [2, 3, 10]", () => Heads.Combine(Z(2, 3, 10)) },
        },
        [typeof(ColumnAttention)] = Columns(),
        [typeof(AttentionMaps)] = Maps(),
        [typeof(AttentionSource)] = new()
        {
            { "Select", Null, "rows", "", () => Source().Select(null!) },
            { "Select", Misfit, "rows", "[N] of type Int64|type Float32", () => Source().Select(Z(2)) },
            { "Select", Misfit, "rows", "[N] of type Int64|[1, 2]", () => Source().Select(zeros(1, 2, int64)) },
        },
    };

    private static BadInputTable Maps()
    {
        string[] two = ["a", "b"], three = ["x", "y", "z"];
        var result = new AttentionResult(Z(1, 2, 5), Z(1, 4, 2, 3));
        return new()
        {
            { "ToMap", Null, "result", "", () => AttentionMaps.ToMap((AttentionResult)null!, two, three) },
            { "ToMap", Null, "layers", "", () => AttentionMaps.ToMap((IReadOnlyList<AttentionResult>)null!, two, three) },
            { "ToMap", Misfit, "layers", "at least one|none", () => AttentionMaps.ToMap([], two, three) },
            { "ToMap", Misfit, "layers", "with weights", () => new AttentionResult(Z(1, 2, 5), null).ToMap(two, three) },
            { "ToMap", Misfit, "layers", "[B,T,S] or [B,H,T,S]|[2, 3]", () => new AttentionResult(Z(2, 5), Z(2, 3)).ToMap(two, three) },
            { "ToMap", Misfit, "layers", "one shape|[1, 4, 2, 3] and [1, 4, 2, 4]", () => AttentionMaps.ToMap([result, new(Z(1, 2, 5), Z(1, 4, 2, 4))], two, three) },
            { "ToMap", Null, "rowLabels", "", () => result.ToMap(null!, three) },
            { "ToMap", Misfit, "rowLabels", "at most 2|got 3", () => result.ToMap(three, three) },
            { "ToMap", Null, "columnLabels", "", () => result.ToMap(two, null!) },
            { "ToMap", Misfit, "columnLabels", "at most 3|got 4", () => result.ToMap(two, ["x", "y", "z", "w"]) },
            { "ToMap", OutOfRange, "example", "0 to 0|1", () => result.ToMap(two, three, example: 1) },
            { "ToMap", OutOfRange, "example", "0 to 0|-1", () => result.ToMap(two, three, example: -1) },
        };
    }

    private static BadInputTable Functions()
    {
        BadInputTable table = new()
        {
            { "Scores", Null, "query", "", () => AttentionFunctions.Scores(null!, Z(2, 2, 6, 5)) },
            { "Scores", Null, "key", "", () => AttentionFunctions.Scores(Z(2, 4, 3, 5), null!) },
            { "Scores", Misfit, "query", "[B, H, T, E]|[3, 5]", () => AttentionFunctions.Scores(Z(3, 5), Z(3, 5)) },
            { "Scores", Misfit, "query", "[B, H, T, E]|[2, 3, 5]", () => AttentionFunctions.Scores(Z(2, 3, 5), Z(2, 6, 5)) },
            { "Scores", Misfit, "key", "width 5|got 4", () => AttentionFunctions.Scores(Z(2, 4, 3, 5), Z(2, 2, 6, 4)) },
            { "Scores", Misfit, "key", "device cpu|got meta", () => AttentionFunctions.Scores(Z(2, 4, 3, 5), Elsewhere(2, 2, 6, 5)) },
            { "Scores", OutOfRange, "scale", "finite|NaN", () => AttentionFunctions.Scores(Z(2, 4, 3, 5), Z(2, 2, 6, 5), double.NaN) },
            { "Softcap", Null, "scores", "", () => AttentionFunctions.Softcap(null!, 1) },
            { "Softcap", Misfit, "scores", "floating-point|Int64", () => AttentionFunctions.Softcap(zeros(2, 3, int64), 1) },
            { "Softcap", OutOfRange, "softcap", "0 (none) or more|-1", () => AttentionFunctions.Softcap(Z(2, 4, 3, 6), -1) },
            { "AddBias", Null, "scores", "", () => AttentionFunctions.AddBias(null!, null) },
            { "AddBias", Misfit, "scores", "[B, H, T, S]|[2, 3]", () => AttentionFunctions.AddBias(Z(2, 3), null) },
            { "AddBias", Misfit, "scores", "floating-point|Int64", () => AttentionFunctions.AddBias(zeros(2, 4, 3, 6, ScalarType.Int64), null) },
            { "AddBias", Misfit, "bias", "[2, 4, 3, 6]|[5]", () => AttentionFunctions.AddBias(Z(2, 4, 3, 6), Z(5)) },
            { "AddBias", Misfit, "bias", "device cpu|got meta", () => AttentionFunctions.AddBias(Z(2, 4, 3, 6), Elsewhere(3, 6)) },
            { "AddBias", Misfit, "mask", "[B] = [2]|got [3]", () => AttentionFunctions.AddBias(Z(2, 4, 3, 6), null, OfThree), "lengths" },
            { "Combine", Null, "weights", "", () => AttentionFunctions.Combine(null!, Z(2, 2, 6, 5)) },
            { "Combine", Null, "value", "", () => AttentionFunctions.Combine(Z(2, 4, 3, 6), null!) },
            { "Combine", Misfit, "weights", "[B, H, T, S]|[2, 3]", () => AttentionFunctions.Combine(Z(2, 3), Z(2, 2, 6, 5)) },
            { "Combine", Misfit, "weights", "floating-point|Bool", () => AttentionFunctions.Combine(ones(2, 4, 3, 6, ScalarType.Bool), Z(2, 2, 6, 5)) },
            { "Combine", Misfit, "value", "S = 6|[2, 2, 7, 5]", () => AttentionFunctions.Combine(Z(2, 4, 3, 6), Z(2, 2, 7, 5)) },
            { "Combine", Misfit, "value", "divides 4 heads|[2, 3, 6, 5]", () => AttentionFunctions.Combine(Z(2, 4, 3, 6), Z(2, 3, 6, 5)) },
            { "Combine", Misfit, "value", "floating-point|Int64", () => AttentionFunctions.Combine(Z(2, 4, 3, 6), zeros(2, 2, 6, 5, ScalarType.Int64)) },
            { "Combine", Misfit, "value", "device cpu|got meta", () => AttentionFunctions.Combine(Z(2, 4, 3, 6), Elsewhere(2, 2, 6, 5)) },
        };
        foreach (var (member, run) in new (string, Func<Tensor, Tensor, Tensor, AttentionOptions?, object>)[]
        {
            ("ScaledDotProduct", AttentionFunctions.ScaledDotProduct), ("Explain", AttentionFunctions.Explain),
        })
        {
            Tensor Query() => Z(2, 4, 3, 5);
            Tensor Key() => Z(2, 2, 6, 5);
            Tensor Value() => Z(2, 2, 6, 7);
            table.Add(member, Null, "query", "", () => run(null!, Key(), Value(), null));
            table.Add(member, Null, "key", "", () => run(Query(), null!, Value(), null));
            table.Add(member, Null, "value", "", () => run(Query(), Key(), null!, null));
            table.Add(member, Misfit, "query", "[B, H, T, E]|[3, 5]", () => run(Z(3, 5), Key(), Value(), null));
            table.Add(member, Misfit, "query", "[B, H, T, E]|[1, 2, 4, 3, 5]", () => run(Z(1, 2, 4, 3, 5), Key(), Value(), null));
            table.Add(member, Misfit, "query", "floating-point|Int64", () => run(Query().to(int64), Key().to(int64), Value().to(int64), null));
            table.Add(member, Misfit, "key", "4 dimensions|got 3", () => run(Query(), Z(2, 6, 5), Value(), null));
            table.Add(member, Misfit, "key", "type Float32|got Float64", () => run(Query(), Key().to(float64), Value(), null));
            table.Add(member, Misfit, "key", "device cpu|got meta", () => run(Query(), Elsewhere(2, 2, 6, 5), Value(), null));
            table.Add(member, Misfit, "key", "batch size 2|got 3", () => run(Query(), Z(3, 2, 6, 5), Value(), null));
            table.Add(member, Misfit, "key", "width 5|got 4", () => run(Query(), Z(2, 2, 6, 4), Value(), null));
            table.Add(member, Misfit, "key", "divides the 4 query heads|got 3", () => run(Query(), Z(2, 3, 6, 5), Value(), null));
            table.Add(member, Misfit, "key", "divides the 4 query heads|got 0", () => run(Query(), Z(2, 0, 6, 5), Value(), null));
            table.Add(member, Misfit, "value", "4 dimensions|got 3", () => run(Query(), Key(), Z(2, 6, 7), null));
            table.Add(member, Misfit, "value", "type Float32|got Float16", () => run(Query(), Key(), Value().to(float16), null));
            table.Add(member, Misfit, "value", "device cpu|got meta", () => run(Query(), Key(), Elsewhere(2, 2, 6, 7), null));
            table.Add(member, Misfit, "value", "[2, 2, 6]|[2, 4, 6]", () => run(Query(), Key(), Z(2, 4, 6, 7), null));
            table.Add(member, Misfit, "value", "[2, 2, 6]|[2, 2, 7]", () => run(Query(), Key(), Z(2, 2, 7, 7), null));
            table.Add(member, OutOfRange, "options", "0 to 1|-0.5", () => run(Query(), Key(), Value(), new() { Dropout = -0.5 }), "dropout");
        }
        return table;
    }

    private static BadInputTable Columns()
    {
        Tensor D() => Z(2, 1);
        Tensor E() => Z(3, 4);
        Tensor W() => Z(2, 3);
        Tensor V() => Z(7, 1);
        Tensor We() => Z(7, 3);
        Tensor Wd() => Z(7, 2);
        BadInputTable table = new()
        {
            { "Softmax", Null, "scores", "", () => ColumnAttention.Softmax(null!) },
            { "Softmax", Misfit, "scores", "[rows,n], got [3]", () => ColumnAttention.Softmax(Z(3)) },
            { "Softmax", Misfit, "scores", "floating-point|got Int64", () => ColumnAttention.Softmax(zeros(1, 3, int64)) },
            { "ApplyWeights", Null, "weights", "", () => ColumnAttention.ApplyWeights(null!, E()) },
            { "ApplyWeights", Misfit, "weights", "[1,n=4], got [4,1]", () => ColumnAttention.ApplyWeights(Z(4, 1), E()) },
            { "ApplyWeights", Null, "encoderStates", "", () => ColumnAttention.ApplyWeights(Z(1, 4), null!) },
            { "WeightedSum", Misfit, "weights", "[1,n=4], got [1,5]", () => ColumnAttention.WeightedSum(Z(1, 5), E()) },
            { "WeightedSum", Misfit, "weights", "Float32; got Float64", () => ColumnAttention.WeightedSum(zeros(1, 4, float64), E()) },
            { "WeightedSum", Misfit, "encoderStates", "[n_enc,n], got [4]", () => ColumnAttention.WeightedSum(Z(1, 4), Z(4)) },
        };
        foreach (var (member, run) in new (string, Func<Tensor, Tensor, object>)[] { ("DotScores", ColumnAttention.DotScores), ("DotAttention", ColumnAttention.DotAttention) })
        {
            table.Add(member, Null, "decoderState", "", () => run(null!, E()));
            table.Add(member, Misfit, "decoderState", "[n_enc=3,1], got [1,3]", () => run(Z(1, 3), E()));
            table.Add(member, Misfit, "decoderState", "[n_enc=3,1], got [2,1]", () => run(Z(2, 1), E()));
            table.Add(member, Misfit, "decoderState", "Float32; got Float64", () => run(zeros(3, 1, float64), E()));
            table.Add(member, Misfit, "decoderState", "cpu; got meta", () => run(Elsewhere(3, 1), E()));
            table.Add(member, Null, "encoderStates", "", () => run(Z(3, 1), null!));
            table.Add(member, Misfit, "encoderStates", "[n_enc,n], got [3]", () => run(Z(3, 1), Z(3)));
        }
        foreach (var (member, run) in new (string, Func<Tensor, Tensor, Tensor, object>)[]
        {
            ("MultiplicativeScores", ColumnAttention.MultiplicativeScores), ("MultiplicativeAttention", ColumnAttention.MultiplicativeAttention),
        })
        {
            table.Add(member, Misfit, "decoderState", "[n_dec,1], got [2,2]", () => run(Z(2, 2), E(), W()));
            table.Add(member, Misfit, "encoderStates", "[n_enc,n], got [3]", () => run(D(), Z(3), W()));
            table.Add(member, Null, "weight", "", () => run(D(), E(), null!));
            table.Add(member, Misfit, "weight", "[n_dec=2,n_enc=3], got [3,2]", () => run(D(), E(), Z(3, 2)));
        }
        foreach (var (member, run) in new (string, Func<Tensor, Tensor, Tensor, Tensor, Tensor, object>)[]
        {
            ("AdditiveScores", ColumnAttention.AdditiveScores), ("AdditiveAttention", ColumnAttention.AdditiveAttention),
        })
        {
            table.Add(member, Misfit, "decoderState", "[n_dec,1], got [1,2]", () => run(Z(1, 2), E(), V(), We(), Wd()));
            table.Add(member, Misfit, "encoderStates", "floating-point|got Int64", () => run(D(), zeros(3, 4, int64), V(), We(), Wd()));
            table.Add(member, Null, "vector", "", () => run(D(), E(), null!, We(), Wd()));
            table.Add(member, Misfit, "vector", "[n_int,1], got [1,7]", () => run(D(), E(), Z(1, 7), We(), Wd()));
            table.Add(member, Misfit, "encoderWeight", "[n_int=7,n_enc=3], got [7,2]", () => run(D(), E(), V(), Z(7, 2), Wd()));
            table.Add(member, Misfit, "decoderWeight", "[n_int=7,n_dec=2], got [6,2]", () => run(D(), E(), V(), We(), Z(6, 2)));
        }
        return table;
    }

    private static AttentionResult Attend(Tensor? query = null, AttentionOptions? options = null) =>
        AttentionFunctions.ScaledDotProduct(query ?? Z(2, 4, 3, 5), Z(2, 2, 6, 5), Z(2, 2, 6, 7), options);

    private static AttentionSource Source()
    {
        using var attention = new ScoredAttention(new DotScore());
        return attention.Prepare(Z(2, 3, 5), Z(2, 3, 5));
    }
}
