using ContextAware.Models.Data;
using ContextAware.Models.Decoding;
using ContextAware.Models.Seq2Seq;
using ContextAware.Models.Training;
using ContextAware.Testing;
using ContextAware.Transformers;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Seq2Seq;

public class TransformerSeq2SeqTests
{
    private static readonly SequencePair[] Pairs =
    [
        new([3, 4, 5, 6], [7, 8]),
        new([5], [3]),
        new([6, 6, 3, 4, 5, 3], [4, 5, 6, 7, 8]),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<PositionKind, bool, bool> Kinds
    {
        get
        {
            var data = new TheoryData<PositionKind, bool, bool>();
            foreach (var positions in Enum.GetValues<PositionKind>())
            {
                data.Add(positions, true, false);
                data.Add(positions, false, true);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_pair_gets_the_same_answer_in_any_batch(PositionKind positions, bool normFirst, bool gated)
    {
        using var scope = NewDisposeScope();
        using var model = Make(positions, normFirst, gated);
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
    public void Step_by_step_it_gives_what_it_gives_at_once(PositionKind positions, bool normFirst, bool gated)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Make(positions, normFirst, gated);
        using var batch = SequenceBatch.Create(Pairs);
        var expected = Answer(model, batch);
        using var session = model.Start(batch.Source, batch.SourceLengths);
        for (var step = 0; step < 6; step++)
        {
            var answer = session.Advance(batch.TargetInput.select(1, step));
            TensorAssert.Close(expected.Logits.select(1, step), answer.Logits, 1e-5, 1e-5, $"logits of step {step}");
            TensorAssert.Close(expected.Weights!.select(1, step), answer.Weights!, 1e-5, 1e-5, $"weights of step {step}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Rows_can_be_reordered_before_and_after_a_step(int stepsBefore)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Make(PositionKind.Rotary, true, false);
        using var batch = SequenceBatch.Create(Pairs);
        using var session = model.Start(batch.Source, batch.SourceLengths);
        var start = full([3], Vocabulary.Start, int64);
        if (stepsBefore == 1)
            session.Advance(start);
        session.Reorder([2, 0, 0, 1]);
        if (stepsBefore == 0)
            session.Advance(full([4], Vocabulary.Start, int64));
        session.Reorder([0, 2, 1, 3]);         // within their sources
        var answer = session.Advance(tensor(new long[] { 4, 7, 8, 3 }));
        using var expectedBatch = SequenceBatch.Create([new(Pairs[2].Source, [4]), new(Pairs[0].Source, [7]), new(Pairs[0].Source, [8]), new(Pairs[1].Source, [3])]);
        TensorAssert.Close(Answer(model, expectedBatch).Logits.select(1, 1), answer.Logits, 1e-5, 1e-5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_stands_in_padded_places_changes_neither_answers_nor_gradients(bool ngrams)
    {
        using var scope = NewDisposeScope();
        using var model = ngrams ? MakeWithNGrams() : Make(PositionKind.Relative, true, false);
        using var batch = SequenceBatch.Create(Pairs);
        var (expected, gradients) = Learn(batch.Source);
        var (actual, others) = Learn(batch.Source.masked_fill(batch.Source == Vocabulary.Padding, 6));
        TensorAssert.Close(expected.Logits, actual.Logits, 1e-5, 1e-6);
        foreach (var (name, gradient) in gradients) TensorAssert.Close(gradient, others[name], 1e-4, 1e-6, name);

        (DecoderOutput Answer, Dictionary<string, Tensor> Gradients) Learn(Tensor source)
        {
            model.zero_grad();
            var answer = model.call(source, batch.SourceLengths, batch.TargetInput, true);
            SequenceLoss.CrossEntropy(answer.Logits, batch.TargetOutput).backward();
            return (answer, model.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter.grad!.clone()));
        }
    }

    [Fact]
    public void With_n_grams_a_pair_gets_the_same_answer_in_any_batch_and_step_by_step()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = MakeWithNGrams();
        using var together = SequenceBatch.Create(Pairs);
        var all = Answer(model, together);
        for (var row = 0; row < Pairs.Length; row++)
        {
            using var single = SequenceBatch.Create([Pairs[row]]);
            TensorAssert.Close(Answer(model, single).Logits[0], all.Logits[row].narrow(0, 0, Pairs[row].Target.Length + 1), atol: 1e-5);
        }

        using var session = model.Start(together.Source, together.SourceLengths);
        for (var step = 0; step < 6; step++)
            TensorAssert.Close(all.Logits.select(1, step), session.Advance(together.TargetInput.select(1, step)).Logits, 1e-5, 1e-5, $"logits of step {step}");
    }

    [Fact]
    public void N_grams_begin_as_if_there_were_none()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var plain = Make(PositionKind.Sinusoidal, true, false);
        using var model = new TransformerSeq2Seq(plain.Options with { SourceNGrams = new() });
        model.eval();
        model.load_state_dict(plain.state_dict(), strict: false);
        using var batch = SequenceBatch.Create(Pairs);
        TensorAssert.Equal(Answer(plain, batch).Logits, Answer(model, batch).Logits);
        nn.init.normal_(model.get_parameter("source.ngrams.tables.1.weight")!);
        Assert.False(allclose(Answer(plain, batch).Logits, Answer(model, batch).Logits));
    }

    [Fact]
    public void Weights_are_those_of_the_last_layer_s_heads_and_leave_padding_out()
    {
        using var scope = NewDisposeScope();
        using var model = Make(PositionKind.Sinusoidal, true, false);
        using var batch = SequenceBatch.Create(Pairs);
        var averaged = Answer(model, batch).Weights!;
        var all = model.Attend(batch.Source, batch.SourceLengths, batch.TargetInput, StackWeights.AllLayers);
        Assert.Equal((2, 2), (all.SelfWeights.Count, all.CrossWeights.Count));
        TensorAssert.Shape([3, 2, 6, 6], all.CrossWeights[1]);
        TensorAssert.Close(all.CrossWeights[1].mean([1]), averaged);
        TensorAssert.Close(ones_like(averaged.sum(-1L)), averaged.sum(-1L));
        Assert.Equal(0, averaged.masked_select((batch.Source == Vocabulary.Padding).unsqueeze(1)).sum().item<float>());
    }

    [Fact]
    public void It_learns_to_reverse_and_beams_agree()
    {
        random.manual_seed(3);
        using var model = new TransformerSeq2Seq(new()
        {
            SourceVocabulary = 9, TargetVocabulary = 9, Width = 32, Heads = 2, EncoderLayers = 1, DecoderLayers = 1, Dropout = 0,
        });
        var trainer = new Trainer<SequenceBatch>(
            model, new BucketedBatches(Reversals(2000, 1), new() { BatchSize = 25 }),
            batch => SequenceLoss.CrossEntropy(model.call(batch.Source, batch.SourceLengths, batch.TargetInput, false).Logits, batch.TargetOutput),
            new() { Budget = new(Epochs: 16), LearningRate = 4e-3 });
        trainer.Run(null, Cancellation);
        model.eval();
        var unseen = Reversals(60, 2);
        int[][] sources = [.. unseen.Select(pair => pair.Source)];
        var greedy = new GreedyDecoder(model, 12).Decode(sources, needWeights: true);
        var beams = new BeamSearch(model, new() { Width = 3, MaximumLength = 12 }).Decode(sources);
        Assert.InRange(greedy.Zip(unseen).Count(pair => pair.First.Tokens.SequenceEqual(pair.Second.Target)), 48, 60);
        Assert.InRange(beams.Zip(unseen).Count(pair => pair.First[0].Tokens.SequenceEqual(pair.Second.Target)), 48, 60);
    }

    [Fact]
    public void Decoding_leaves_nothing_behind()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var model = Make(PositionKind.Learned, true, false))
        {
            new GreedyDecoder(model, 10).Decode([[3, 4], [5]], needWeights: true);
            new BeamSearch(model, new() { Width = 3, MaximumLength = 10 }).Decode([[3, 4], [5]]);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void It_is_a_module_like_the_others() => Conformance.Run();

    [Fact]
    public void It_runs_on_cuda() => Conformance.RunOnCuda();

    [Fact]
    public void Sizes_that_do_not_fit_are_refused()
    {
        var good = Options(PositionKind.Sinusoidal, true, false);
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransformerSeq2Seq(good with { SourceVocabulary = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransformerSeq2Seq(good with { TargetVocabulary = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransformerSeq2Seq(good with { Width = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransformerSeq2Seq(good with { Heads = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransformerSeq2Seq(good with { EncoderLayers = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransformerSeq2Seq(good with { DecoderLayers = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransformerSeq2Seq(good with { FeedForwardWidth = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransformerSeq2Seq(good with { MaximumLength = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransformerSeq2Seq(good with { Dropout = 2 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransformerSeq2Seq(good with { Positions = (PositionKind)9 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransformerSeq2Seq(good with { SourceNGrams = new() { Rows = 0 } }));
        Assert.Throws<ArgumentException>(() => new TransformerSeq2Seq(good with { Heads = 3 }));
        Assert.Throws<ArgumentException>(() => new TransformerSeq2Seq(good with { Width = 6, Positions = PositionKind.Rotary }));
        using var scope = NewDisposeScope();
        using var model = new TransformerSeq2Seq(good);
        Assert.Throws<ArgumentException>("source", () => model.Start(zeros(3, int64), zeros(1, int64)));
        Assert.Throws<ArgumentException>("sourceLengths", () => model.Start(zeros(1, 3, int64), zeros(1, int64)));
    }

    private static SequencePair[] Reversals(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var source = Enumerable.Range(0, random.Next(1, 7)).Select(_ => random.Next(3, 9)).ToArray();
            return new SequencePair(source, [.. source.Reverse()]);
        })];
    }

    private static DecoderOutput Answer(TransformerSeq2Seq model, SequenceBatch batch) =>
        model.call(batch.Source, batch.SourceLengths, batch.TargetInput, true);

    private static TransformerSeq2SeqOptions Options(PositionKind positions, bool normFirst, bool gated) => new()
    {
        SourceVocabulary = 7,
        TargetVocabulary = 9,
        Width = 8,
        Heads = 2,
        FeedForwardWidth = 12,
        Activation = gated ? Activation.Silu : Activation.Relu,
        Gated = gated,
        RmsNorm = gated,
        TieOutput = normFirst,
        NormFirst = normFirst,
        Positions = positions,
        MaximumLength = 16,
    };

    private static TransformerSeq2Seq Make(PositionKind positions, bool normFirst, bool gated)
    {
        var model = new TransformerSeq2Seq(Options(positions, normFirst, gated));
        model.eval();
        return model;
    }

    private static TransformerSeq2Seq MakeWithNGrams()
    {
        var model = new TransformerSeq2Seq(Options(PositionKind.Sinusoidal, true, false) with { SourceNGrams = new() { Lengths = [2, 3, 4], Rows = 100 } });
        model.eval();
        using var quiet = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
        {
            if (name.Contains("ngrams.tables", StringComparison.Ordinal)) nn.init.normal_(parameter);
        }

        return model;
    }

    private static ModuleConformance<TransformerSeq2Seq> Conformance => new()
    {
        Create = () => new(Options(PositionKind.Learned, false, true) with
        {
            EncoderLayers = 1, DecoderLayers = 1, Gated = false, RmsNorm = false, SourceNGrams = new() { Lengths = [2], Rows = 100, RowWidth = 6 },
        }),
        Inputs = () => [tensor(new long[,] { { 3, 4, 5, 6 }, { 5, 3, 0, 0 } }), tensor(new long[,] { { 1, 7, 8 }, { 1, 3, 0 } })],
        Forward = (model, x) =>
        {
            using var lengths = tensor(new long[] { 4, 2 });
            var answer = model.call(x[0], lengths, x[1], true);
            return [answer.Logits, answer.Weights!];
        },
        OutputShapes = [[2, 3, 9], [2, 3, 4]],
        Parameters = """
            source.embedding.weight [7, 8]
            source.positions.weight [16, 8]
            source.ngrams.tables.0.weight [49, 6]
            source.ngrams.projection.weight [8, 6]
            target.embedding.weight [9, 8]
            target.positions.weight [16, 8]
            encoder.layers.0.self_attn.in_proj_weight [24, 8]
            encoder.layers.0.self_attn.in_proj_bias [24]
            encoder.layers.0.self_attn.out_proj.weight [8, 8]
            encoder.layers.0.self_attn.out_proj.bias [8]
            encoder.layers.0.linear1.weight [12, 8]
            encoder.layers.0.linear1.bias [12]
            encoder.layers.0.linear2.weight [8, 12]
            encoder.layers.0.linear2.bias [8]
            encoder.layers.0.norm1.weight [8]
            encoder.layers.0.norm1.bias [8]
            encoder.layers.0.norm2.weight [8]
            encoder.layers.0.norm2.bias [8]
            decoder.layers.0.self_attn.in_proj_weight [24, 8]
            decoder.layers.0.self_attn.in_proj_bias [24]
            decoder.layers.0.self_attn.out_proj.weight [8, 8]
            decoder.layers.0.self_attn.out_proj.bias [8]
            decoder.layers.0.multihead_attn.in_proj_weight [24, 8]
            decoder.layers.0.multihead_attn.in_proj_bias [24]
            decoder.layers.0.multihead_attn.out_proj.weight [8, 8]
            decoder.layers.0.multihead_attn.out_proj.bias [8]
            decoder.layers.0.linear1.weight [12, 8]
            decoder.layers.0.linear1.bias [12]
            decoder.layers.0.linear2.weight [8, 12]
            decoder.layers.0.linear2.bias [8]
            decoder.layers.0.norm1.weight [8]
            decoder.layers.0.norm1.bias [8]
            decoder.layers.0.norm2.weight [8]
            decoder.layers.0.norm2.bias [8]
            decoder.layers.0.norm3.weight [8]
            decoder.layers.0.norm3.bias [8]
            out.weight [9, 8]
            out.bias [9]
            """,
        HalfPrecisionTolerance = null,
    };
}
