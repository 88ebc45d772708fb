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
        var batch = SequenceBatch.Create(Words(count));
        var parameters = model.parameters().ToArray();
        var optimizer = optim.Adam(parameters, 1e-3);
        return () =>
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var answer = model.call(batch.Source, batch.SourceLengths, batch.TargetInput, false);
            var loss = SequenceLoss.CrossEntropy(answer.Logits, batch.TargetOutput);
            loss.item<float>();
            loss.backward();
            nn.utils.clip_grad_norm_(parameters, 1);
            optimizer.step();
        };
    }

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
        var search = new BeamSearch(model, new() { Width = Beam, MaximumLength = Steps });
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
