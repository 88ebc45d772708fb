using ContextAware.Models.Data;
using ContextAware.Models.Decoding;
using ContextAware.Models.Seq2Seq;
using ContextAware.Models.Training;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Seq2Seq;

/// <summary>Small tasks that every arrangement learns in seconds. The bars lie well below what is reached.</summary>
public class LearnedTasksTests
{
    private const int Symbols = 8;

    private static readonly RecurrentSeq2SeqOptions Options = new()
    {
        SourceVocabulary = Symbols,
        TargetVocabulary = Symbols,
        EmbeddingWidth = 16,
        HiddenWidth = 48,
    };

    public static TheoryData<string, RecurrentSeq2SeqOptions> Lessons => new()
    {
        { "reverse", Options },
        { "copy", Options with { Decoder = DecoderKind.Luong, Score = ScoreKind.General } },
        { "reverse", Options with { Decoder = DecoderKind.LuongInputFeeding, Score = ScoreKind.Dot, Cell = CellKind.Lstm } },
        { "reverse", Options with { Decoder = DecoderKind.Google, EncoderLayers = 2, DecoderLayers = 2, Residual = true } },
        { "copy", Options with { Decoder = DecoderKind.LuongInputFeeding, Score = ScoreKind.General, Window = 2 } },
        { "copy", Options with { Score = ScoreKind.Location } },
        { "reverse", Options with { Copy = true, Coverage = true, TiedEmbeddings = true } },
        { "sort", Options with { Decoder = DecoderKind.Luong, Score = ScoreKind.General } },
        { "sort", Options with { Decoder = DecoderKind.Plain } },
    };

    [Theory]
    [MemberData(nameof(Lessons))]
    public void A_task_is_learned(string task, RecurrentSeq2SeqOptions options)
    {
        random.manual_seed(1);
        using var model = new RecurrentSeq2Seq(options);
        var pairs = new Random(1);
        using var optimizer = optim.Adam(model.parameters(), 5e-3);
        for (var step = 0; step < 250; step++)
        {
            using var scope = NewDisposeScope();
            using var batch = SequenceBatch.Create([.. Enumerable.Range(0, 40).Select(_ => Pair(task, pairs))]);
            var answer = model.call(batch.Source, batch.SourceLengths, batch.TargetInput, options.Coverage);
            var loss = SequenceLoss.CrossEntropy(answer.Logits, batch.TargetOutput);
            if (options.Coverage) loss += CoverageLoss.Of(answer.Weights!, batch.TargetOutput != Vocabulary.Padding) * 0.1;
            optimizer.zero_grad();
            loss.backward();
            nn.utils.clip_grad_norm_(model.parameters(), 1);
            optimizer.step();
        }

        model.eval();
        var unseen = Enumerable.Range(0, 100).Select(_ => Pair(task, pairs)).ToArray();
        var written = new GreedyDecoder(model, 8).Decode([.. unseen.Select(pair => pair.Source)]);
        Assert.InRange(written.Zip(unseen).Count(pair => pair.First.Tokens.SequenceEqual(pair.Second.Target)), 75, 100);
    }

    private static SequencePair Pair(string task, Random random)
    {
        var source = Enumerable.Range(0, random.Next(2, 6)).Select(_ => random.Next(3, Symbols)).ToArray();
        return new(source, task switch
        {
            "copy" => source,
            "reverse" => [.. source.Reverse()],
            _ => [.. source.Order()],
        });
    }
}
