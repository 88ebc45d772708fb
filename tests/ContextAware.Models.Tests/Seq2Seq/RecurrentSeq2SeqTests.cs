using ContextAware.Models.Data;
using ContextAware.Models.Seq2Seq;
using ContextAware.Models.Training;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Seq2Seq;

public class RecurrentSeq2SeqTests
{
    private static readonly SequencePair[] Pairs =
    [
        new([3, 4, 5, 6], [7, 8]),
        new([5], [3]),
        new([6, 6, 3, 4, 5, 3], [4, 5, 6, 7, 8]),
    ];

    public static TheoryData<CellKind, int, bool> Kinds => new()
    {
        { CellKind.Gru, 1, true },
        { CellKind.Lstm, 1, true },
        { CellKind.Gru, 2, false },
        { CellKind.Lstm, 2, true },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_pair_gets_the_same_answer_in_any_batch(CellKind kind, int layers, bool bidirectional)
    {
        using var scope = NewDisposeScope();
        using var model = Make(kind, layers, bidirectional);
        using var together = SequenceBatch.Create(Pairs);
        var all = Answer(model, together);
        for (var row = 0; row < Pairs.Length; row++)
        {
            using var single = SequenceBatch.Create([Pairs[row]]);
            var alone = Answer(model, single);
            var (target, source) = (Pairs[row].Target.Length + 1, Pairs[row].Source.Length);
            TensorAssert.Close(alone.Logits[0], all.Logits[row].narrow(0, 0, target), atol: 1e-5);
            TensorAssert.Close(alone.Weights![0], all.Weights![row].narrow(0, 0, target).narrow(1, 0, source), atol: 1e-5);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_stands_in_padded_places_changes_neither_answers_nor_gradients(CellKind kind, int layers, bool bidirectional)
    {
        using var scope = NewDisposeScope();
        using var model = Make(kind, layers, bidirectional);
        using var batch = SequenceBatch.Create(Pairs);
        var (expected, gradients) = Learn(batch.Source);
        var padded = batch.Source == Vocabulary.Padding;
        var (actual, others) = Learn(batch.Source.masked_fill(padded, 6));
        TensorAssert.Equal(expected.Logits, actual.Logits);
        foreach (var (name, gradient) in gradients) TensorAssert.Equal(gradient, others[name], name);

        (DecoderOutput Answer, Dictionary<string, Tensor> Gradients) Learn(Tensor source)
        {
            model.zero_grad();
            var answer = model.call(source, batch.SourceLengths, batch.TargetInput, true);
            SequenceLoss.CrossEntropy(answer.Logits, batch.TargetOutput).backward();
            return (answer, model.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter.grad!.clone()));
        }
    }

    [Fact]
    public void Padding_gets_no_attention_and_every_step_spends_all_of_it()
    {
        using var scope = NewDisposeScope();
        using var model = Make(CellKind.Gru, 1, true);
        using var batch = SequenceBatch.Create(Pairs);
        var weights = Answer(model, batch).Weights!;
        TensorAssert.Close(ones_like(weights.sum(-1L)), weights.sum(-1L));
        Assert.Equal(0, weights.masked_select((batch.Source == Vocabulary.Padding).unsqueeze(1)).sum().item<float>());
    }

    [Fact]
    public void More_padding_on_both_sides_changes_nothing()
    {
        using var scope = NewDisposeScope();
        using var model = Make(CellKind.Gru, 1, true);
        using var batch = SequenceBatch.Create(Pairs);
        var wider = model.call(
            nn.functional.pad(batch.Source, [0, 4]),
            batch.SourceLengths,
            nn.functional.pad(batch.TargetInput, [0, 3]),
            false);
        TensorAssert.Close(Answer(model, batch).Logits, wider.Logits.narrow(1, 0, 6), atol: 1e-5);
    }

    [Fact]
    public void The_loss_does_not_count_padding()
    {
        using var scope = NewDisposeScope();
        var logits = randn(2, 3, 5);
        var target = tensor(new long[,] { { 3, 4, 2 }, { 2, 0, 0 } });
        var expected = -(Log(0, 0, 3) + Log(0, 1, 4) + Log(0, 2, 2) + Log(1, 0, 2)) / 4;
        Assert.Equal(expected, SequenceLoss.CrossEntropy(logits, target).item<float>(), 1e-5f);

        float Log(int row, int step, int symbol) => logits.log_softmax(-1)[row, step, symbol].item<float>();
    }

    [Theory]
    [InlineData(CellKind.Gru, GruParameters)]
    [InlineData(CellKind.Lstm, LstmParameters)]
    public void It_is_a_module_like_the_others(CellKind kind, string parameters) => Conformance(kind, parameters).Run();

    [Fact]
    public void It_runs_on_cuda() => Conformance(CellKind.Gru, GruParameters).RunOnCuda();

    [Fact]
    public void A_seed_gives_the_same_weights()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(5);
        using var first = Make(CellKind.Lstm, 2, true);
        random.manual_seed(5);
        using var second = Make(CellKind.Lstm, 2, true);
        var others = second.state_dict();
        foreach (var (name, value) in first.state_dict()) TensorAssert.Equal(value, others[name], name);
    }

    [Fact]
    public void Sizes_that_are_not_positive_are_refused()
    {
        var good = Options(CellKind.Gru, 1, true);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentSeq2Seq(good with { SourceVocabulary = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentSeq2Seq(good with { TargetVocabulary = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentSeq2Seq(good with { EmbeddingWidth = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentSeq2Seq(good with { HiddenWidth = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentSeq2Seq(good with { EncoderWidth = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentSeq2Seq(good with { AttentionWidth = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentSeq2Seq(good with { EncoderLayers = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentSeq2Seq(good with { Dropout = 1 }));
    }

    private static DecoderOutput Answer(RecurrentSeq2Seq model, SequenceBatch batch) =>
        model.call(batch.Source, batch.SourceLengths, batch.TargetInput, true);

    private static RecurrentSeq2SeqOptions Options(CellKind kind, int layers, bool bidirectional) => new()
    {
        SourceVocabulary = 7,
        TargetVocabulary = 9,
        Cell = kind,
        EmbeddingWidth = 5,
        HiddenWidth = 6,
        AttentionWidth = 4,
        EncoderLayers = layers,
        Bidirectional = bidirectional,
    };

    private static RecurrentSeq2Seq Make(CellKind kind, int layers, bool bidirectional) => new(Options(kind, layers, bidirectional));

    private static ModuleConformance<RecurrentSeq2Seq> Conformance(CellKind kind, string parameters) => new()
    {
        Create = () => Make(kind, 1, true),
        Inputs = () => [tensor(new long[,] { { 3, 4, 5, 6 }, { 5, 3, 0, 0 } }), tensor(new long[,] { { 1, 7, 8 }, { 1, 3, 0 } })],
        Forward = (model, x) =>
        {
            using var lengths = tensor(new long[] { 4, 2 });
            var answer = model.call(x[0], lengths, x[1], true);
            return [answer.Logits, answer.Weights!];
        },
        OutputShapes = [[2, 3, 9], [2, 3, 4]],
        Parameters = parameters,
        HalfPrecisionTolerance = null,
    };

    private const string GruParameters = """
        embedding.weight [7, 5]
        encoder.rnn.weight_ih_l0 [9, 5]
        encoder.rnn.weight_hh_l0 [9, 3]
        encoder.rnn.bias_ih_l0 [9]
        encoder.rnn.bias_hh_l0 [9]
        encoder.rnn.weight_ih_l0_reverse [9, 5]
        encoder.rnn.weight_hh_l0_reverse [9, 3]
        encoder.rnn.bias_ih_l0_reverse [9]
        encoder.rnn.bias_hh_l0_reverse [9]
        bridge.hidden.weight [6, 6]
        bridge.hidden.bias [6]
        decoder.embedding.weight [9, 5]
        decoder.attention.score.W_q.weight [4, 6]
        decoder.attention.score.W_k.weight [4, 6]
        decoder.attention.score.w_v.weight [1, 4]
        decoder.rnn.weight_ih [18, 11]
        decoder.rnn.weight_hh [18, 6]
        decoder.rnn.bias_ih [18]
        decoder.rnn.bias_hh [18]
        decoder.out.weight [9, 17]
        decoder.out.bias [9]
        """;

    private const string LstmParameters = """
        embedding.weight [7, 5]
        encoder.rnn.weight_ih_l0 [12, 5]
        encoder.rnn.weight_hh_l0 [12, 3]
        encoder.rnn.bias_ih_l0 [12]
        encoder.rnn.bias_hh_l0 [12]
        encoder.rnn.weight_ih_l0_reverse [12, 5]
        encoder.rnn.weight_hh_l0_reverse [12, 3]
        encoder.rnn.bias_ih_l0_reverse [12]
        encoder.rnn.bias_hh_l0_reverse [12]
        bridge.hidden.weight [6, 6]
        bridge.hidden.bias [6]
        bridge.cell.weight [6, 6]
        bridge.cell.bias [6]
        decoder.embedding.weight [9, 5]
        decoder.attention.score.W_q.weight [4, 6]
        decoder.attention.score.W_k.weight [4, 6]
        decoder.attention.score.w_v.weight [1, 4]
        decoder.rnn.weight_ih [24, 11]
        decoder.rnn.weight_hh [24, 6]
        decoder.rnn.bias_ih [24]
        decoder.rnn.bias_hh [24]
        decoder.out.weight [9, 17]
        decoder.out.bias [9]
        """;
}
