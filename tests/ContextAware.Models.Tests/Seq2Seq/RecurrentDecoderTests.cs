using ContextAware.Masking;
using ContextAware.Models.Seq2Seq;
using ContextAware.Scoring;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Seq2Seq;

public class RecurrentDecoderTests
{
    private static readonly DecoderKind[] Looking = [DecoderKind.Bahdanau, DecoderKind.Luong, DecoderKind.LuongInputFeeding, DecoderKind.Google];

    public static MatrixTheoryData<DecoderKind, ScoreKind> KindsAndScores => new(Looking, Enum.GetValues<ScoreKind>());

    public static MatrixTheoryData<DecoderKind, CellKind, int> KindsAndCells => new(Enum.GetValues<DecoderKind>(), Enum.GetValues<CellKind>(), [1, 3]);

    /// <summary>What stands beside kind and score: a name for the test's display, and what it switches on.</summary>
    public static MatrixTheoryData<DecoderKind, string> KindsAndParts => new(Looking, ["window", "coverage", "coverage of a product", "coverage by location", "copy", "gate", "tied", "all"]);

    [Theory]
    [MemberData(nameof(KindsAndCells))]
    public void It_computes_the_papers_equations_step_by_step(DecoderKind kind, CellKind cell, int layers)
    {
        using var scope = NewDisposeScope();
        using var item = new DecoderCase(DecoderCase.Options(kind, cell, layers) with { Residual = layers > 1 });
        var (logits, weights) = new NaiveDecoder(item.Decoder.Options, item.Decoder.state_dict(), item.Score).Run(item.Tokens, item.Source, DecoderCase.Lengths, item.State);
        var actual = item.Run();
        TensorAssert.Close(logits, actual.Logits, atol: 1e-5);
        Assert.Equal(kind == DecoderKind.Plain, actual.Weights is null);
        if (weights is not null) TensorAssert.Close(weights, actual.Weights!, atol: 1e-5);
    }

    [Theory]
    [InlineData(DecoderKind.Bahdanau, CellKind.Gru)]
    [InlineData(DecoderKind.Bahdanau, CellKind.Lstm)]
    [InlineData(DecoderKind.Google, CellKind.Gru)]
    [InlineData(DecoderKind.Luong, CellKind.Lstm)]
    [InlineData(DecoderKind.LuongInputFeeding, CellKind.Gru)]
    public void A_gate_weighs_what_is_seen(DecoderKind kind, CellKind cell)
    {
        using var scope = NewDisposeScope();
        using var item = new DecoderCase(DecoderCase.Options(kind, cell) with { Gate = true });
        var (logits, _) = new NaiveDecoder(item.Decoder.Options, item.Decoder.state_dict(), item.Score).Run(item.Tokens, item.Source, DecoderCase.Lengths, item.State);
        TensorAssert.Close(logits, item.Run().Logits, atol: 1e-5);
    }

    [Theory]
    [InlineData(DecoderKind.Bahdanau)]
    [InlineData(DecoderKind.Luong)]
    public void A_first_state_may_lie_in_memory_as_it_likes(DecoderKind kind)
    {
        using var scope = NewDisposeScope();
        using var decoder = new RecurrentDecoder(DecoderCase.Options(kind) with { Width = 16 }, new AdditiveScore(16, DecoderCase.Width, 8));
        var (tokens, source) = (randint(1, DecoderCase.Symbols, [3, 4], int64), randn(3, 5, DecoderCase.Width));
        var first = randn(16, 3);
        var (columns, rows) = (first.t().detach().requires_grad_(), first.t().contiguous().requires_grad_());
        Assert.False(columns.is_contiguous());
        foreach (var state in new[] { columns, rows })
            decoder.call(tokens, decoder.Prepare(source, null), new([new(state, null)]), false).Logits.square().sum().backward();
        TensorAssert.Close(rows.grad!, columns.grad!);
    }

    [Theory]
    [MemberData(nameof(KindsAndScores))]
    public void Every_score_fits_every_arrangement_and_steps_give_what_the_whole_gives(DecoderKind kind, ScoreKind score)
    {
        using var scope = NewDisposeScope();
        using var one = new DecoderCase(DecoderCase.Options(kind), score);
        AssertStepsGiveTheWhole(one);
        using var deep = new DecoderCase(DecoderCase.Options(kind, CellKind.Lstm, layers: 2), score);
        AssertStepsGiveTheWhole(deep);
    }

    [Theory]
    [MemberData(nameof(KindsAndParts))]
    public void Steps_give_what_the_whole_gives_with_every_part(DecoderKind kind, string part)
    {
        using var scope = NewDisposeScope();
        using var item = Make(kind, CellKind.Gru, part);
        AssertStepsGiveTheWhole(item);
    }

    [Theory]
    [MemberData(nameof(KindsAndCells))]
    public void Gradients_are_right_through_whole_steps(DecoderKind kind, CellKind cell, int layers)
    {
        using var item = new DecoderCase(DecoderCase.Options(kind, cell, layers) with { Residual = layers > 1 });
        CheckGradients(item);
    }

    [Theory]
    [MemberData(nameof(KindsAndParts))]
    public void Gradients_are_right_with_every_part(DecoderKind kind, string part)
    {
        using var item = Make(kind, CellKind.Lstm, part);
        CheckGradients(item);
    }

    // The loops with a backward pass by hand against autograd's, step by step.
    [Theory]
    [MemberData(nameof(KindsAndCells))]
    public void A_target_that_is_always_true_gives_what_teacher_forcing_gives(DecoderKind kind, CellKind cell, int layers)
    {
        using var scope = NewDisposeScope();
        using var item = new DecoderCase(DecoderCase.Options(kind, cell, layers));
        item.Decoder.to(ScalarType.Float64);
        var (source, state) = (item.Source.to(float64), To64(item.State));
        var (expected, gradients) = Learn(prepared => item.Decoder.call(item.Tokens, prepared, state, true));
        var (actual, others) = Learn(prepared => item.Decoder.Sample(item.Tokens, prepared, state, truth: 1, needWeights: true));
        TensorAssert.Close(expected.Logits, actual.Logits, atol: 1e-9);
        if (expected.Weights is not null) TensorAssert.Close(expected.Weights, actual.Weights!, atol: 1e-9);
        foreach (var (name, gradient) in gradients) TensorAssert.Close(gradient, others[name], atol: 1e-9, what: name);

        (DecoderOutput Answer, Dictionary<string, Tensor> Gradients) Learn(Func<DecoderSource, DecoderOutput> run)
        {
            item.Decoder.zero_grad();
            var answer = run(item.Decoder.Prepare(source, AttentionMask.FromLengths(DecoderCase.Lengths)));
            (answer.Logits * answer.Logits).sum().backward();
            return (answer, item.Decoder.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter.grad!.clone()));
        }
    }

    [Fact]
    public void Symbols_that_are_never_true_are_the_models_own()
    {
        using var scope = NewDisposeScope();
        using var item = new DecoderCase(DecoderCase.Options(DecoderKind.Bahdanau));
        using var noGradient = no_grad();
        // An answer that leaves no doubt: what is drawn is always symbol 4.
        item.Decoder.state_dict()["out.bias"].narrow(0, 4, 1).fill_(1000);
        var sampled = item.Decoder.Sample(item.Tokens, item.Prepare(), item.State, truth: 0).Logits;
        var own = full_like(item.Tokens, 4);
        own.select(1, 0).copy_(item.Tokens.select(1, 0));
        TensorAssert.Close(item.Decoder.call(own, item.Prepare(), item.State, false).Logits, sampled, atol: 1e-4);
    }

    [Fact]
    public void Weights_are_returned_only_when_asked_for()
    {
        using var scope = NewDisposeScope();
        using var item = new DecoderCase(DecoderCase.Options(DecoderKind.Luong));
        Assert.Null(item.Decoder.call(item.Tokens, item.Prepare(), item.State, false).Weights);
        Assert.Null(item.Decoder.Sample(item.Tokens, item.Prepare(), item.State, 1).Weights);
    }

    [Theory]
    [InlineData(DecoderKind.Bahdanau)]
    [InlineData(DecoderKind.Google)]
    public void Dropout_works_in_training_only(DecoderKind kind)
    {
        using var scope = NewDisposeScope();
        using var item = new DecoderCase(DecoderCase.Options(kind, layers: 2) with { Dropout = 0.5 });
        Assert.Equal(0, Difference());
        item.Decoder.train();
        Assert.NotEqual(0, Difference());

        float Difference() => (item.Run().Logits - item.Run().Logits).abs().sum().item<float>();
    }

    [Theory]
    [MemberData(nameof(KindsAndParts))]
    public void What_stands_in_padded_places_changes_nothing(DecoderKind kind, string part)
    {
        using var scope = NewDisposeScope();
        using var item = Make(kind, CellKind.Gru, part);
        var padded = arange(DecoderCase.Longest).unsqueeze(0) >= tensor(DecoderCase.Lengths).unsqueeze(1);
        var expected = item.Run();
        item.Source.masked_fill_(padded.unsqueeze(2), double.NaN);
        item.Numbers?.masked_fill_(padded, 3);
        var actual = item.Run();
        TensorAssert.Close(expected.Logits, actual.Logits);
        TensorAssert.AllZero(actual.Weights!.masked_select(padded.unsqueeze(1)));
    }

    private static DecoderCase Make(DecoderKind kind, CellKind cell, string part)
    {
        var options = DecoderCase.Options(kind, cell);
        options = part switch
        {
            "window" => options with { Window = 2 },
            "copy" => options with { Copy = true },
            "gate" => options with { Gate = true },
            "tied" => options with { TiedEmbeddings = true },
            "all" => options with { Window = 2, Copy = true, TiedEmbeddings = true, Coverage = true, Gate = true, Layers = 2, Residual = true },
            _ => options with { Coverage = true },
        };
        var item = new DecoderCase(options, part.EndsWith("product", StringComparison.Ordinal) ? ScoreKind.General : part.EndsWith("location", StringComparison.Ordinal) ? ScoreKind.Location : ScoreKind.Additive);
        using var noGradient = no_grad();
        // What starts at zero would hide itself.
        foreach (var start in item.Decoder.state_dict().Where(pair => pair.Key is "coverage.w_c" or "out.bias")) start.Value.uniform_(-1, 1);
        return item;
    }

    private static void AssertStepsGiveTheWhole(DecoderCase item)
    {
        var (whole, prepared, state) = (item.Run(), item.Prepare(), item.State);
        for (var step = 0; step < item.Tokens.shape[1]; step++)
        {
            var (answer, next) = item.Decoder.Advance(item.Tokens.select(1, step), prepared, state);
            TensorAssert.Close(whole.Logits.select(1, step), answer.Logits, atol: 1e-5);
            TensorAssert.Close(whole.Weights!.select(1, step), answer.Weights!, atol: 1e-5);
            state = next;
        }
    }

    private static void CheckGradients(DecoderCase item)
    {
        var lstm = item.Decoder.Options.Cell == CellKind.Lstm;
        var layers = item.State.Layers;
        Tensor[] inputs = [item.Source, .. layers.Select(layer => layer.Hidden), .. lstm ? layers.Select(layer => layer.Cell!) : []];
        GradientCheck.Module(
            item.Decoder,
            x => [Forward(x).Logits],
            new() { MaximumElements = 4 },
            item.Decoder.Options.Kind == DecoderKind.Plain ? inputs[1..] : inputs);

        DecoderOutput Forward(Tensor[] x)
        {
            var source = item.Decoder.Options.Kind == DecoderKind.Plain ? item.Source : x[0];
            var states = x[^(layers.Count * (lstm ? 2 : 1))..];
            var state = new DecoderState([.. layers.Select((_, i) => new RecurrentState(states[i], lstm ? states[layers.Count + i] : null))]);
            return item.Decoder.call(item.Tokens, item.Decoder.Prepare(source, AttentionMask.FromLengths(DecoderCase.Lengths), item.Numbers), state, false);
        }
    }

    private static DecoderState To64(DecoderState state) =>
        new([.. state.Layers.Select(layer => new RecurrentState(layer.Hidden.to(float64), layer.Cell?.to(float64)))]);
}
