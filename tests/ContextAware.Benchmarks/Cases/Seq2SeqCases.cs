using ContextAware.Models.Data;
using ContextAware.Models.Decoding;
using ContextAware.Models.Seq2Seq;
using ContextAware.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Benchmarks.Cases;

/// <summary>The model of examples/Pronounce: a step of training, and beam search.</summary>
internal static class Seq2SeqCases
{
    private const int Letters = 30;
    private const int Phones = 42;
    private const int Beam = 5;
    private const int Steps = 8;

    public static IEnumerable<Case> Cases { get; } =
    [
        new("pronounce-train-128", "a training step of Pronounce's GRU model (64, 256) on 128 words: loss, backward, clipping, Adam", () => Train(128)),
        new("pronounce-beam-256", "beam search, 5 beams, 8 steps, over 256 words with the same model", () => Decode(256)),
    ];

    private static Action Train(int count)
    {
        random.manual_seed(1);
        var model = Make();
        // As Trainer does it for Pronounce: as many parts of the batch side by side as the peer has threads.
        var threads = get_num_threads();
        var parts = new BucketedBatches(Words(count), new() { BatchSize = count, Parts = threads }).Epoch(0).ToArray();
        var symbols = (double)parts.Sum(part => part.Weight);
        var losses = Array.ConvertAll<SequenceBatch, Func<Tensor>>(parts, part => () => Loss(model, part) * (part.Weight / symbols));
        var gradients = new BatchGradients(model.parameters(), threads);
        var optimizer = new TrainingOptimizer(model.named_parameters());
        return () =>
        {
            model.zero_grad();
            gradients.Add(losses);
            optimizer.Step(1e-3, TrainingOptimizer.ClipFactor(optimizer.GradientNorm(), 1));
        };
    }

    private static Tensor Loss(RecurrentSeq2Seq model, SequenceBatch batch) =>
        SequenceLoss.CrossEntropy(model.call(batch.Source, batch.SourceLengths, batch.TargetInput, false).Logits, batch.TargetOutput);

    private static Action Decode(int count)
    {
        random.manual_seed(1);
        var model = Make();
        model.eval();
        using (no_grad())
        {
            // Nothing ends early: both sides take as many steps.
            using var end = model.state_dict()["decoder.out.bias"].narrow(0, Vocabulary.End, 1);
            end.fill_(-100).Dispose();
        }

        int[][] sources = [.. Words(count).Select(pair => pair.Source)];
        var search = new BeamSearch(model, new() { Width = Beam, MaximumLength = Steps, AtOnce = get_num_threads() });
        return () => search.Decode(sources);
    }

    private static RecurrentSeq2Seq Make() => new(new()
    {
        SourceVocabulary = Letters,
        TargetVocabulary = Phones,
        EmbeddingWidth = 64,
        HiddenWidth = 256,
    });

    // Lengths as in a bucket of CMUdict; the same words as in peers/seq2seq.py.
    private static SequencePair[] Words(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => new SequencePair(
            [.. Enumerable.Range(0, 7 + (i % 2)).Select(j => 3 + (((31 * i) + (17 * j)) % (Letters - 3)))],
            [.. Enumerable.Range(0, 6 + (i % 3)).Select(j => 3 + (((13 * i) + (29 * j)) % (Phones - 3)))])),
    ];
}
