using ContextAware.Models.Data;
using ContextAware.Models.Decoding;
using ContextAware.Models.Seq2Seq;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Decoding;

public class DecodingPartsTests
{
    private static readonly int[][] Sources = [[3, 4, 5], [6], [5, 5, 4, 3, 6, 3], [3, 3], [4], [6, 5, 3]];

    [Theory]
    [InlineData("gru", 2)]
    [InlineData("gru", 4)]
    [InlineData("lstm", 3)]
    [InlineData("transformer", 2)]
    [InlineData("transformer", 9)]
    public void Parts_side_by_side_write_what_the_whole_writes(string kind, int atOnce)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(4);
        using var model = Model(kind);
        model.eval();
        var writer = (ISequenceModel)model;
        var whole = new BeamSearch(writer, new() { Width = 4, Best = 3, MaximumLength = 8 }).Decode(Sources, needWeights: true);
        var parts = new BeamSearch(writer, new() { Width = 4, Best = 3, MaximumLength = 8, AtOnce = atOnce }).Decode(Sources, needWeights: true);
        Assert.Equal(Sources.Length, parts.Count);
        foreach (var (expected, actual) in whole.Zip(parts))
        {
            Assert.Equal(expected.Count, actual.Count);
            foreach (var pair in expected.Zip(actual)) AssertAlike(pair.First, pair.Second);
        }

        var greedy = new GreedyDecoder(writer, 8).Decode(Sources, needWeights: true);
        var cut = new GreedyDecoder(writer, 8, atOnce).Decode(Sources, needWeights: true);
        Assert.Equal(Sources.Length, cut.Count);
        foreach (var pair in greedy.Zip(cut)) AssertAlike(pair.First, pair.Second);
    }

    [Theory]
    [InlineData("gru")]
    [InlineData("transformer")]
    public void A_session_can_be_left_with_no_row(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = Model(kind);
        var (source, lengths) = SequenceBatch.PadSources(Sources);
        using var session = ((ISequenceModel)model).Start(source, lengths);
        session.Advance(full([Sources.Length], Vocabulary.Start, int64)).Logits.Dispose();
        session.Reorder([]);
    }

    [Fact]
    public void Sampling_refuses_a_model_that_answers_NaN_as_the_others_do()
    {
        using var model = Models.Small();
        using (no_grad()) model.state_dict()["decoder.out.bias"].fill_(double.NaN);
        Assert.Contains("NaN", Assert.Throws<InvalidOperationException>(() => new SamplingDecoder(model, new()).Decode(Sources)).Message);
    }

    [Fact]
    public void What_a_part_throws_comes_through()
    {
        random.manual_seed(4);
        using var model = Models.Small();
        var search = new BeamSearch(model, new() { AtOnce = 2 });
        Assert.Throws<ArgumentException>(() => search.Decode([[3], []]));
        Assert.Contains("Sequence 2 is empty", Assert.Throws<ArgumentException>(() => search.Decode([[3], [4], [], [5]])).Message);
        Assert.Contains("Sequence 1 is empty", Assert.Throws<ArgumentException>(() => search.Decode([[3], null!])).Message);
        Assert.Throws<ArgumentException>(() => search.Decode([]));
        Assert.Throws<ArgumentNullException>(() => search.Decode((IReadOnlyList<int[]>)null!));
    }

    [Fact]
    public void Fewer_than_one_at_once_is_refused()
    {
        using var model = Models.Small();
        Assert.Throws<ArgumentOutOfRangeException>(() => new BeamSearch(model, new() { AtOnce = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GreedyDecoder(model, 5, atOnce: 0));
    }

    private static nn.Module Model(string kind) => kind == "transformer"
        ? new TransformerSeq2Seq(new() { SourceVocabulary = 7, TargetVocabulary = 7, Width = 16, Heads = 2 })
        : Models.Small(kind: kind == "gru" ? CellKind.Gru : CellKind.Lstm);

    private static void AssertAlike(Hypothesis expected, Hypothesis actual)
    {
        Assert.Equal(expected.Tokens, actual.Tokens);
        Assert.Equal(expected.IsComplete, actual.IsComplete);
        Assert.Equal(expected.LogProbability, actual.LogProbability, 1e-4);
        Assert.Equal(expected.Weights!.Cast<float>(), actual.Weights!.Cast<float>(), (a, b) => Math.Abs(a - b) < 1e-5);
    }
}
