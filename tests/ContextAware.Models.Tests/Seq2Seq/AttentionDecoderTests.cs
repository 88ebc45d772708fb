using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Models.Seq2Seq;
using ContextAware.Scoring;
using ContextAware.Testing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Seq2Seq;

public class AttentionDecoderTests
{
    private const int Symbols = 7;
    private const int Embedded = 3;
    private const int Source = 4;
    private const int Width = 5;
    private static readonly long[] Lengths = [6, 2, 4];

    public static TheoryData<string, CellKind> ScoresAndCells => new()
    {
        { "additive", CellKind.Gru },
        { "additive", CellKind.Lstm },
        { "additive, normalized", CellKind.Gru },
        { "general", CellKind.Gru },
        { "general", CellKind.Lstm },
        { "additive, gated", CellKind.Gru },
        { "additive, gated", CellKind.Lstm },
        { "general, gated", CellKind.Lstm },
    };

    [Theory]
    [MemberData(nameof(ScoresAndCells))]
    public void It_computes_the_equations_of_Bahdanau_step_by_step(string score, CellKind kind)
    {
        using var scope = NewDisposeScope();
        using var decoder = Make(score, kind);
        var (tokens, source, state) = Inputs(kind);
        var actual = decoder.call(tokens, decoder.Prepare(source, AttentionMask.FromLengths(Lengths)), state, true);
        var (logits, weights) = Naive(decoder.state_dict(), Score(decoder), kind, tokens, source, state);
        TensorAssert.Close(logits, actual.Logits, atol: 1e-5);
        TensorAssert.Close(weights, actual.Weights!, atol: 1e-5);
    }

    [Theory]
    [MemberData(nameof(ScoresAndCells))]
    public void One_symbol_at_a_time_gives_what_the_whole_target_gives(string score, CellKind kind)
    {
        using var scope = NewDisposeScope();
        using var decoder = Make(score, kind);
        var (tokens, source, state) = Inputs(kind);
        var prepared = decoder.Prepare(source, AttentionMask.FromLengths(Lengths));
        var whole = decoder.call(tokens, prepared, state, true);
        for (var step = 0; step < tokens.shape[1]; step++)
        {
            var (answer, next) = decoder.Advance(tokens.select(1, step), prepared, state);
            TensorAssert.Close(whole.Logits.select(1, step), answer.Logits, atol: 1e-5);
            TensorAssert.Close(whole.Weights!.select(1, step), answer.Weights!, atol: 1e-5);
            state = next;
        }
    }

    [Theory]
    [InlineData("additive", CellKind.Gru)]
    [InlineData("additive", CellKind.Lstm)]
    [InlineData("additive, gated", CellKind.Gru)]
    [InlineData("additive, gated", CellKind.Lstm)]
    public void Gradients_are_right_through_whole_steps(string score, CellKind kind)
    {
        using var decoder = Make(score, kind);
        var tokens = tensor(new long[,] { { 1, 4 }, { 1, 3 } });
        Tensor[] inputs = [randn(2, 3, Source), randn(2, Width), .. kind == CellKind.Lstm ? [randn(2, Width)] : Array.Empty<Tensor>()];
        GradientCheck.Module(
            decoder,
            x =>
            {
                var state = new RecurrentState(x[1], kind == CellKind.Lstm ? x[2] : null);
                var answer = decoder.call(tokens, decoder.Prepare(x[0], AttentionMask.FromLengths(3, 2)), state, true);
                return cat([answer.Logits, answer.Weights!], -1);
            },
            inputs);
    }

    [Fact]
    public void Weights_are_returned_only_when_asked_for()
    {
        using var scope = NewDisposeScope();
        using var decoder = Make("additive", CellKind.Gru);
        var (tokens, source, state) = Inputs(CellKind.Gru);
        Assert.Null(decoder.call(tokens, decoder.Prepare(source, null), state, false).Weights);
    }

    [Fact]
    public void Dropout_works_in_training_only()
    {
        using var scope = NewDisposeScope();
        using var decoder = Make("additive", CellKind.Gru, dropout: 0.5);
        var (tokens, source, state) = Inputs(CellKind.Gru);
        Tensor Logits() => decoder.call(tokens, decoder.Prepare(source, null), state, false).Logits;
        Assert.NotEqual(0, (Logits() - Logits()).abs().sum().item<float>());
        decoder.eval();
        Assert.Equal(0, (Logits() - Logits()).abs().sum().item<float>());
    }

    private static AttentionDecoder Make(string score, CellKind kind, double dropout = 0)
    {
        var gated = score.EndsWith(", gated", StringComparison.Ordinal);
        ScoreFunction function = score.Replace(", gated", "", StringComparison.Ordinal) switch
        {
            "additive" => new AdditiveScore(Width, Source, 6),
            "additive, normalized" => new AdditiveScore(Width, Source, 6, normalized: true),
            "general" => new GeneralScore(Width, Source),
            _ => throw new ArgumentOutOfRangeException(nameof(score)),
        };
        return new(nn.Embedding(Symbols, Embedded), new ScoredAttention(function), RecurrentCell.Create(kind, Embedded, Source, Width), Symbols, dropout, gated);
    }

    private static ScoreFunction Score(AttentionDecoder decoder) => decoder.modules().OfType<ScoreFunction>().Single();

    private static (Tensor Tokens, Tensor Source, RecurrentState State) Inputs(CellKind kind) => (
        randint(Symbols, [Lengths.Length, 5], int64),
        randn(Lengths.Length, 6, Source),
        new(randn(Lengths.Length, Width), kind == CellKind.Lstm ? randn(Lengths.Length, Width) : null));

    // The equations written down, with TorchSharp's own cell and loops over everything.
    private static (Tensor Logits, Tensor Weights) Naive(Dictionary<string, Tensor> weights, ScoreFunction score, CellKind kind, Tensor tokens, Tensor source, RecurrentState state)
    {
        var cellWeights = weights.Where(pair => pair.Key.StartsWith("rnn.", StringComparison.Ordinal)).ToDictionary(pair => pair.Key[4..], pair => pair.Value);
        using var gru = nn.GRUCell(Embedded + Source, Width);
        using var lstm = nn.LSTMCell(Embedded + Source, Width);
        if (kind == CellKind.Gru) gru.load_state_dict(cellWeights);
        else lstm.load_state_dict(cellWeights);
        var (allLogits, allWeights) = (new List<Tensor>(), new List<Tensor>());
        for (var row = 0; row < Lengths.Length; row++)
        {
            var (hidden, memory) = (state.Hidden[row].unsqueeze(0), state.Cell?[row].unsqueeze(0));
            for (var step = 0; step < tokens.shape[1]; step++)
            {
                var positions = source[row].narrow(0, 0, Lengths[row]).unsqueeze(0);              // [1,s,W]
                var looked = score.call(hidden, positions).softmax(-1);                           // [1,s]
                var context = matmul(looked, positions.squeeze(0));                               // [1,W]
                if (weights.TryGetValue("f_beta.weight", out var gate))
                    context = context * (matmul(hidden, gate.t()) + weights["f_beta.bias"]).sigmoid();
                var symbol = weights["embedding.weight"][tokens[row, step].item<long>()].unsqueeze(0);
                var input = cat([symbol, context], 1);
                if (kind == CellKind.Gru) hidden = gru.call(input, hidden);
                else (hidden, memory) = lstm.call(input, (hidden, memory!));
                allLogits.Add(matmul(cat([hidden, context, symbol], 1), weights["out.weight"].t()) + weights["out.bias"]);
                allWeights.Add(nn.functional.pad(looked, [0, 6 - Lengths[row]]));
            }
        }

        return (cat(allLogits).view(Lengths.Length, -1, Symbols), cat(allWeights).view(Lengths.Length, -1, 6));
    }
}
