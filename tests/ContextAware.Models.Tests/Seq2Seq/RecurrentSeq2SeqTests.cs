using ContextAware.Models.Data;
using ContextAware.Models.Decoding;
using ContextAware.Models.Seq2Seq;
using ContextAware.Models.Training;
using ContextAware.Testing;
using TorchSharp;
using static ContextAware.Models.Tests.Seq2Seq.Seq2SeqCases;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Seq2Seq;

public class RecurrentSeq2SeqTests
{
    public static TheoryData<string> Kinds => new(All.Keys);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_pair_gets_the_same_answer_in_any_batch(string name)
    {
        using var scope = NewDisposeScope();
        using var model = new RecurrentSeq2Seq(All[name]);
        using var together = SequenceBatch.Create(Pairs);
        var all = Answer(model, together);
        for (var row = 0; row < Pairs.Length; row++)
        {
            using var single = SequenceBatch.Create([Pairs[row]]);
            var alone = Answer(model, single);
            var (target, source) = (Pairs[row].Target.Length + 1, Pairs[row].Source.Length);
            TensorAssert.Close(alone.Logits[0], all.Logits[row].narrow(0, 0, target), atol: 1e-5);
            Assert.Equal(name == "plain", all.Weights is null);
            if (name == "plain") continue;
            TensorAssert.Close(alone.Weights![0], all.Weights![row].narrow(0, 0, target).narrow(1, 0, source), atol: 1e-5);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_stands_in_padded_places_changes_neither_answers_nor_gradients(string name)
    {
        using var scope = NewDisposeScope();
        using var model = new RecurrentSeq2Seq(All[name]);
        using var batch = SequenceBatch.Create(Pairs);
        var (expected, gradients) = Learn(batch.Source);
        var padded = batch.Source == Vocabulary.Padding;
        var (actual, others) = Learn(batch.Source.masked_fill(padded, 6));
        TensorAssert.Equal(expected.Logits, actual.Logits);
        foreach (var (parameter, gradient) in gradients) TensorAssert.Equal(gradient, others[parameter], parameter);

        (DecoderOutput Answer, Dictionary<string, Tensor> Gradients) Learn(Tensor source)
        {
            model.zero_grad();
            var answer = model.call(source, batch.SourceLengths, batch.TargetInput, true);
            SequenceLoss.CrossEntropy(answer.Logits, batch.TargetOutput).backward();
            return (answer, model.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter.grad!.clone()));
        }
    }

    [Theory]
    [InlineData(CellKind.Gru, 16)]
    [InlineData(CellKind.Gru, 24)]
    [InlineData(CellKind.Gru, 11)]
    [InlineData(CellKind.Lstm, 16)]
    public void Loops_in_float32_give_what_libtorch_gives_in_float64(CellKind kind, long width)
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        using var model = new RecurrentSeq2Seq(Options(kind, 2, true) with { HiddenWidth = width, AttentionWidth = width + 3 });
        using var batch = SequenceBatch.Create(Pairs);
        var actual = Learn();
        model.to(float64);
        var expected = Learn();
        foreach (var (name, value) in expected) TensorAssert.Close(value, actual[name], 2e-5, 2e-5, name);

        Dictionary<string, Tensor> Learn()
        {
            model.zero_grad();
            var answer = model.call(batch.Source, batch.SourceLengths, batch.TargetInput, true);
            SequenceLoss.CrossEntropy(answer.Logits, batch.TargetOutput).backward();
            var found = model.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter.grad!.clone());
            (found["logits"], found["weights"]) = (answer.Logits.detach(), answer.Weights!.detach());
            return found;
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

    [Fact]
    public void A_thousand_steps_of_training_leave_nothing_behind()
    {
        var models = All.Values.Select(options => new RecurrentSeq2Seq(options)).ToArray();
        using var batch = SequenceBatch.Create(Pairs);
        var round = 0;
        LeakCheck.Tensors(Learn, repetitions: 1000, warmUp: 2 * models.Length);
        foreach (var model in models) model.Dispose();

        void Learn()
        {
            using var scope = NewDisposeScope();
            var model = models[round++ % models.Length];
            SequenceLoss.CrossEntropy(model.call(batch.Source, batch.SourceLengths, batch.TargetInput, false).Logits, batch.TargetOutput).backward();
            model.zero_grad();
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decoding_leaves_nothing_behind_and_does_not_depend_on_the_batch(string name)
    {
        using var model = Sharp(All[name]);
        int[][] sources = [.. Pairs.Select(pair => pair.Source)];
        var search = new BeamSearch(model, new() { Width = 3, MaximumLength = 6 });
        LeakCheck.Tensors(() => search.Decode(sources), repetitions: 3);
        var together = search.Decode(sources);
        for (var row = 0; row < sources.Length; row++)
        {
            var alone = search.Decode([sources[row]])[0][0];
            Assert.Equal(alone.Tokens, together[row][0].Tokens);
            Assert.Equal(alone.LogProbability, together[row][0].LogProbability, 1e-4);
        }
    }

    [Fact]
    public void Beams_of_one_write_what_the_greedy_decoder_writes()
    {
        foreach (var options in All.Values)
        {
            using var model = Sharp(options);
            int[][] sources = [.. Pairs.Select(pair => pair.Source)];
            var greedy = new GreedyDecoder(model, 6).Decode(sources);
            var beams = new BeamSearch(model, new() { Width = 1, MaximumLength = 6 }).Decode(sources);
            for (var row = 0; row < sources.Length; row++) Assert.Equal(greedy[row].Tokens, beams[row][0].Tokens);
        }
    }

    [Theory]
    [InlineData(DropoutKind.Plain, "encoder.rnn.")]
    [InlineData(DropoutKind.Variational, "encoder.layers.1.")]
    public void Either_dropout_of_the_encoder_lets_all_parameters_learn(DropoutKind kind, string layers)
    {
        using var scope = NewDisposeScope();
        manual_seed(8);
        using var model = new RecurrentSeq2Seq(Options(CellKind.Gru, 2, true) with { Dropout = 0.3, EncoderDropout = kind });
        using var batch = SequenceBatch.Create(Pairs);
        var loss = SequenceLoss.CrossEntropy(Answer(model, batch).Logits, batch.TargetOutput);
        loss.backward();
        Assert.True(float.IsFinite(loss.item<float>()));
        Assert.All(model.named_parameters(), pair =>
        {
            TensorAssert.AllFinite(pair.parameter.grad!, pair.name);
            Assert.NotEqual(0, pair.parameter.grad!.abs().sum().item<float>());
        });
        // Libtorch's own layers know plain dropout alone: what drops otherwise stands between layers of their own.
        Assert.Contains(model.state_dict().Keys, name => name.StartsWith(layers, StringComparison.Ordinal));
    }

    [Fact]
    public void Copying_writes_the_numbers_of_the_target_vocabulary()
    {
        using var scope = NewDisposeScope();
        using var model = new RecurrentSeq2Seq(Options(CellKind.Gru, 1, true) with { Copy = true, CopyNumbers = [0, 0, 0, 8, 7, 6, 5] });
        using var noGradient = no_grad();
        model.state_dict()["decoder.copy.p_gen.bias"].fill_(-50);
        using var batch = SequenceBatch.Create([new([3, 4], [5])]);
        var answer = Answer(model, batch);
        var written = answer.Logits[0, 0].exp();
        Assert.Equal(answer.Weights![0, 0, 0].item<float>(), written[8].item<float>(), 1e-5);
        Assert.Equal(answer.Weights![0, 0, 1].item<float>(), written[7].item<float>(), 1e-5);
    }

    [Fact]
    public void Scheduled_sampling_with_the_truth_alone_is_teacher_forcing()
    {
        using var scope = NewDisposeScope();
        using var model = Make(CellKind.Gru, 1, true);
        using var batch = SequenceBatch.Create(Pairs);
        var sampled = model.Sample(batch.Source, batch.SourceLengths, batch.TargetInput, truth: 1, needWeights: true);
        TensorAssert.Close(Answer(model, batch).Logits, sampled.Logits, atol: 1e-5);
        TensorAssert.Close(Answer(model, batch).Weights!, sampled.Weights!, atol: 1e-5);
    }

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
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentSeq2Seq(good with { DecoderLayers = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentSeq2Seq(good with { Dropout = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentSeq2Seq(good with { Decoder = (DecoderKind)9 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentSeq2Seq(good with { Score = (ScoreKind)9 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentSeq2Seq(good with { Window = 0 }));
    }

    // Sharper than an untrained model, so that candidates don't tie.
    private static RecurrentSeq2Seq Sharp(RecurrentSeq2SeqOptions options)
    {
        manual_seed(6);
        var model = new RecurrentSeq2Seq(options);
        using var noGradient = no_grad();
        foreach (var (_, parameter) in model.named_parameters()) parameter.mul_(2);
        model.eval();
        return model;
    }
}
