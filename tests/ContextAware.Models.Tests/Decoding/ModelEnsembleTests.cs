using ContextAware.Models.Data;
using ContextAware.Models.Decoding;
using ContextAware.Models.Seq2Seq;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Decoding;

public class ModelEnsembleTests
{
    private static readonly int[][] Sources = [[3, 4, 5], [6], [5, 5, 4, 3, 6, 3], [3, 3]];

    [Fact]
    public void Probabilities_are_averaged_not_their_logarithms()
    {
        // Nearly sure of 3, against mildly for 4: (0.90 + 0.20) / 2 and (0.05 + 0.60) / 2.
        var (first, second) = (new TableModel([0.05, 0.90, 0.05]), new TableModel([0.20, 0.20, 0.60]));
        using var scope = NewDisposeScope();
        Assert.Equal([0.125, 0.55, 0.325], Probabilities(new ModelEnsemble([first, second])), Near);
        // 3 to 1: (3·0.90 + 0.20) / 4.
        Assert.Equal([0.0875, 0.725, 0.1875], Probabilities(new ModelEnsemble([first, second], [3, 1])), Near);
        Assert.Equal([0.0875, 0.725, 0.1875], Probabilities(new ModelEnsemble([first, second], [0.3, 0.1])), Near);
    }

    [Fact]
    public void What_one_finds_impossible_another_may_say()
    {
        var (never, sure) = (new TableModel([0.5, 0, 0.5]), new TableModel([0, 1, 0]));
        using var scope = NewDisposeScope();
        Assert.Equal([0.25, 0.5, 0.25], Probabilities(new ModelEnsemble([never, sure])), Near);
        Assert.Equal([0.5, 0, 0.5], Probabilities(new ModelEnsemble([never, never])), Near);
    }

    [Fact]
    public void Attention_is_the_mean_of_those_that_look()
    {
        var (left, right, blind) = (new TableModel([0.5, 0.5], [1, 0]), new TableModel([0.5, 0.5], [0.2, 0.8]), new TableModel([0.5, 0.5]));
        using var scope = NewDisposeScope();
        Assert.Equal([0.6, 0.4], Weights(new ModelEnsemble([left, right, blind])), Near);
        Assert.Equal([0.4, 0.6], Weights(new ModelEnsemble([left, right, blind], [1, 3, 9])), Near);
        Assert.Null(Weights(new ModelEnsemble([blind, blind])));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_model_beside_itself_is_the_model(int times)
    {
        random.manual_seed(4);
        using var model = Models.Small();
        var options = new BeamSearchOptions { Width = 4, Best = 3, MaximumLength = 8 };
        var alone = new BeamSearch(model, options).Decode(Sources, needWeights: true);
        var together = new BeamSearch(new ModelEnsemble([.. Enumerable.Repeat(model, times)]), options).Decode(Sources, needWeights: true);
        Assert.Equal([3, 3, 3, 3], alone.Select(best => best.Count));
        Assert.Equal([3, 3, 3, 3], together.Select(best => best.Count));
        foreach (var (expected, actual) in alone.SelectMany(best => best).Zip(together.SelectMany(best => best)))
        {
            Assert.Equal(expected.Tokens, actual.Tokens);
            Assert.Equal(expected.LogProbability, actual.LogProbability, 1e-4);
            Assert.Equal(expected.Weights!.Cast<float>(), actual.Weights!.Cast<float>(), (a, b) => Math.Abs(a - b) < 1e-5);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Unlike_models_score_what_they_write_by_the_mean_at_each_step(int atOnce)
    {
        random.manual_seed(5);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var gru = Models.Small();
        using var lstm = Models.Small(kind: CellKind.Lstm);
        using var transformer = new TransformerSeq2Seq(new() { SourceVocabulary = 7, TargetVocabulary = 7, Width = 16, Heads = 2 });
        transformer.eval();
        double[] shares = [1, 2, 5];
        var ensemble = new ModelEnsemble([gru, lstm, transformer], shares);
        var found = new BeamSearch(ensemble, new() { Width = 6, Best = 6, MaximumLength = 7, AtOnce = atOnce }).Decode(Sources);
        Assert.Equal([6, 6, 6, 6], found.Select(best => best.Count));
        for (var i = 0; i < Sources.Length; i++)
        {
            foreach (var hypothesis in found[i])
            {
                double[][][] each = [Steps(gru, Sources[i], hypothesis), Steps(lstm, Sources[i], hypothesis), Steps(transformer, Sources[i], hypothesis)];
                int[] written = hypothesis.IsComplete ? [.. hypothesis.Tokens, Vocabulary.End] : [.. hypothesis.Tokens];
                var expected = written.Select((token, step) => Math.Log(each.Zip(shares, (steps, share) => share / 8 * steps[step][token]).Sum())).Sum();
                Assert.Equal(expected, hypothesis.LogProbability, 1e-4);
            }
        }
    }

    [Fact]
    public void Nothing_is_left_in_memory()
    {
        random.manual_seed(6);
        using var gru = Models.Small();
        using var lstm = Models.Small(kind: CellKind.Lstm);
        var search = new BeamSearch(new ModelEnsemble([gru, lstm]), new() { Width = 3, MaximumLength = 6 });
        LeakCheck.Tensors(() => search.Decode(Sources));
    }

    [Fact]
    public void A_model_that_cannot_start_leaves_no_session_of_the_others()
    {
        var (first, broken) = (new TableModel([1]), new TableModel([1]) { IsBroken = true });
        using var scope = NewDisposeScope();
        Assert.Throws<InvalidOperationException>(() => new ModelEnsemble([first, broken]).Start(zeros(1, 2), ones(1)));
        Assert.Equal(0, first.Open);
        using (var session = new ModelEnsemble([first, first]).Start(zeros(1, 2), ones(1))) Assert.Equal(2, first.Open);
        Assert.Equal(0, first.Open);
    }

    [Fact]
    public void Bad_input_is_refused()
    {
        var model = new TableModel([1]);
        Assert.Throws<ArgumentNullException>(() => new ModelEnsemble(null!));
        Assert.Contains("at least one model", Assert.Throws<ArgumentException>(() => new ModelEnsemble([])).Message, StringComparison.Ordinal);
        Assert.Contains("null among", Assert.Throws<ArgumentException>(() => new ModelEnsemble([model, null!])).Message, StringComparison.Ordinal);
        Assert.Contains("each of 1 models, got 2", Assert.Throws<ArgumentException>(() => new ModelEnsemble([model], [1, 1])).Message, StringComparison.Ordinal);
        foreach (var share in new[] { 0, -1, double.NaN, double.PositiveInfinity })
            Assert.Throws<ArgumentOutOfRangeException>(() => new ModelEnsemble([model, model], [1, share]));
        using var scope = NewDisposeScope();
        var unlike = Assert.Throws<InvalidOperationException>(() => Probabilities(new ModelEnsemble([new TableModel([0.5, 0.5]), new TableModel([0.2, 0.3, 0.5])])));
        Assert.Contains("model 1 knows 3, model 0 2", unlike.Message, StringComparison.Ordinal);
    }

    private static bool Near(double expected, double actual) => Math.Abs(expected - actual) < 1e-6;

    private static double[] Probabilities(ModelEnsemble ensemble) => Numbers(Advance(ensemble).Logits.exp());

    private static double[]? Weights(ModelEnsemble ensemble) => Advance(ensemble).Weights is { } weights ? Numbers(weights) : null;

    private static DecodingStep Advance(ModelEnsemble ensemble)
    {
        using var session = ensemble.Start(zeros(1, 2, dtype: int64), tensor(new long[] { 2 }));
        return session.Advance(tensor(new long[] { Vocabulary.Start }));
    }

    private static double[] Numbers(Tensor row) => row.to(float64)[0].data<double>().ToArray();

    // The probabilities of all symbols at each step, by one pass over what was written.
    private static double[][] Steps(nn.Module<Tensor, Tensor, Tensor, bool, DecoderOutput> model, int[] source, Hypothesis written)
    {
        using var scope = NewDisposeScope();
        var (read, lengths) = SequenceBatch.PadSources([source]);
        var given = tensor(new[] { Vocabulary.Start }.Concat(written.Tokens).Select(token => (long)token).ToArray()).unsqueeze(0);
        var steps = model.call(read, lengths, given, false).Logits.to(float64).softmax(-1)[0];             // [T, V]
        return [.. steps.data<double>().ToArray().Chunk((int)steps.shape[1])];
    }

    /// <summary>Says the same at every step, and counts its sessions.</summary>
    private sealed class TableModel(double[] probabilities, double[]? weights = null) : ISequenceModel
    {
        public bool IsBroken { get; init; }

        public int Open { get; private set; }

        public DecodingSession Start(Tensor source, Tensor sourceLengths)
        {
            if (IsBroken) throw new InvalidOperationException("broken");
            Open++;
            return new Session(this);
        }

        private DecodingStep Answer() => new(tensor(probabilities).log().unsqueeze(0), weights is null ? null : tensor(weights).unsqueeze(0));

        private sealed class Session(TableModel model) : DecodingSession
        {
            public override DecodingStep Advance(Tensor tokens) => model.Answer();

            public override void Reorder(long[] rows) => throw new NotSupportedException("There is one row.");

            protected override void Dispose(bool disposing) => model.Open--;
        }
    }
}
