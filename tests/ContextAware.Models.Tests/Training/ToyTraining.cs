using ContextAware.Models.Data;
using ContextAware.Models.Seq2Seq;
using ContextAware.Models.Training;
using ContextAware.Testing;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Training;

/// <summary>Small models on small tasks.</summary>
internal static class ToyTraining
{
    public const int Symbols = 8;

    /// <summary>A model that drops out at random, so that training it uses random numbers.</summary>
    public static RecurrentSeq2Seq Forgetful(int seed)
    {
        random.manual_seed(seed);
        return new(new()
        {
            SourceVocabulary = Symbols, TargetVocabulary = Symbols, EmbeddingWidth = 8, HiddenWidth = 12, Dropout = 0.2,
        });
    }

    public static Trainer<SequenceBatch> Make(RecurrentSeq2Seq model, SequencePair[] pairs, TrainerOptions options, int batchSize = 20, Func<double>? validate = null) =>
        new(model, new BucketedBatches(pairs, new() { BatchSize = batchSize }), batch => Loss(model, batch), options) { Validate = validate };

    public static Tensor Loss(RecurrentSeq2Seq model, SequenceBatch batch) =>
        SequenceLoss.CrossEntropy(model.call(batch.Source, batch.SourceLengths, batch.TargetInput, false).Logits, batch.TargetOutput);

    public static SequencePair[] Task(string task, int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var source = Enumerable.Range(0, random.Next(1, 7)).Select(_ => random.Next(3, Symbols)).ToArray();
            return new SequencePair(source, task == "reverse" ? [.. source.Reverse()] : source);
        })];
    }

    public static void AssertSameWeights(nn.Module expected, nn.Module actual)
    {
        var weights = actual.state_dict();
        foreach (var (name, value) in expected.state_dict()) TensorAssert.Equal(value, weights[name], name);
    }

    public sealed class EventList(Action<TrainingEvent>? then = null) : List<TrainingEvent>, IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value)
        {
            Add(value);
            then?.Invoke(value);
        }
    }
}
