using ContextAware.Models.Data;
using ContextAware.Models.Decoding;
using ContextAware.Models.Seq2Seq;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Decoding;

public class BeamSearchTests
{
    private static readonly int[][] Sources = [[3, 4, 5], [6], [5, 5, 4, 3, 6, 3], [3, 3]];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_beam_of_one_is_greedy(int seed)
    {
        using var model = Model(seed, CellKind.Gru);
        var greedy = new GreedyDecoder(model, 9).Decode(Sources, needWeights: true);
        var beam = new BeamSearch(model, new() { Width = 1, MaximumLength = 9 }).Decode(Sources, needWeights: true);
        Assert.Equal((Sources.Length, Sources.Length), (greedy.Count, beam.Count));
        foreach (var (expected, actual) in greedy.Zip(beam))
        {
            Assert.Equal(expected.Tokens, actual[0].Tokens);
            Assert.Equal(expected.IsComplete, actual[0].IsComplete);
            Assert.Equal(expected.LogProbability, actual[0].LogProbability, 1e-4);
            Assert.Equal(expected.Weights!.Cast<float>(), actual[0].Weights!.Cast<float>(), (a, b) => Math.Abs(a - b) < 1e-5);
        }
    }

    [Theory]
    [InlineData(1, CellKind.Gru, 0, 0)]
    [InlineData(2, CellKind.Lstm, 0, 0)]
    [InlineData(3, CellKind.Gru, 0.8, 0)]
    [InlineData(4, CellKind.Lstm, 2, 0)]
    [InlineData(5, CellKind.Gru, 0, 0.5)]
    [InlineData(6, CellKind.Lstm, 0.8, 3)]
    public void A_wide_beam_finds_what_trying_everything_finds(int seed, CellKind kind, double penalty, double coverage)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var model = Model(seed, kind);
        var options = new BeamSearchOptions { Width = 400, Best = 5, MaximumLength = 4, LengthPenalty = penalty, CoveragePenalty = coverage };
        var found = new BeamSearch(model, options).Decode(Sources);
        for (var i = 0; i < Sources.Length; i++)
        {
            var everything = Everything(model, Sources[i], 4, penalty, coverage).OrderByDescending(pair => pair.Score).Take(5).ToList();
            Assert.Equal(everything.Select(pair => string.Join(' ', pair.Tokens)), found[i].Select(hypothesis => string.Join(' ', hypothesis.Tokens)));
            Assert.All(everything.Zip(found[i]), pair => Assert.Equal(pair.First.Score, pair.Second.Score, 1e-4));
        }
    }

    [Fact]
    public void A_source_is_written_alike_in_any_batch()
    {
        using var model = Model(5, CellKind.Gru);
        var search = new BeamSearch(model, new() { Width = 4, Best = 4, MaximumLength = 10 });
        var together = search.Decode(Sources);
        for (var i = 0; i < Sources.Length; i++)
        {
            var alone = search.Decode([Sources[i]])[0];
            Assert.Equal(alone.Select(hypothesis => string.Join(' ', hypothesis.Tokens)), together[i].Select(hypothesis => string.Join(' ', hypothesis.Tokens)));
        }
    }

    [Fact]
    public void Complete_hypotheses_come_first_the_best_before_the_others_and_all_differ()
    {
        using var model = Model(6, CellKind.Gru);
        var found = new BeamSearch(model, new() { Width = 6, Best = 6, MaximumLength = 8 }).Decode(Sources);
        Assert.Equal(Sources.Length, found.Count);
        foreach (var best in found)
        {
            Assert.Equal(6, best.Count);
            Assert.Equal(best.OrderByDescending(hypothesis => hypothesis.IsComplete).ThenByDescending(hypothesis => hypothesis.Score), best);
            Assert.Equal(best.Count, best.Select(hypothesis => string.Join(' ', hypothesis.Tokens) + hypothesis.IsComplete).Distinct().Count());
        }
    }

    [Fact]
    public void The_likelier_whole_beats_the_likelier_start()
    {
        // Greedy takes 3 (0.6), then nothing good is left; the beam finds 4.
        var model = new TreeModel();
        Assert.Equal([3, 5], new GreedyDecoder(model, 5).Decode([[3]])[0].Tokens);
        Assert.Equal([4, 5], new BeamSearch(model, new() { Width = 2, MaximumLength = 5 }).Decode([[3]])[0][0].Tokens);
    }

    [Fact]
    public void What_is_impossible_is_never_written()
    {
        var best = new BeamSearch(new TreeModel(), new() { Width = 30, Best = 30, MaximumLength = 4 }).Decode([[3]])[0];
        Assert.Equal(["4 5", "3 5", "3 4 5", "3 3 5"], best.Where(hypothesis => hypothesis.IsComplete).Select(hypothesis => string.Join(' ', hypothesis.Tokens)));
        Assert.All(best, hypothesis => Assert.True(double.IsFinite(hypothesis.LogProbability)));
    }

    [Fact]
    public void Coverage_prefers_the_hypothesis_that_saw_the_whole_source()
    {
        // 3 is likelier and looks at the first symbol only, 4 at the second too.
        var model = new LookingModel();
        Assert.Equal([3], Best(0)[0].Tokens);
        Assert.Equal([4], Best(2)[0].Tokens);
        // log 0.6 + β (log 1 + log 0.2) and log 0.4 + β (log 1 + log 0.9): both ends look at the first symbol.
        Assert.Equal(Math.Log(0.6) + (2 * Math.Log(0.2)), Best(2)[1].Score, 1e-5);
        Assert.Equal(Math.Log(0.4) + (2 * Math.Log(0.9)), Best(2)[0].Score, 1e-5);
        Assert.Throws<InvalidOperationException>(() => new BeamSearch(new TreeModel(), new() { CoveragePenalty = 1 }).Decode([[3]]));

        IReadOnlyList<Hypothesis> Best(double penalty) =>
            new BeamSearch(model, new() { Width = 2, Best = 2, MaximumLength = 3, CoveragePenalty = penalty }).Decode([[5, 6]])[0];
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var model = Model(7, CellKind.Lstm))
        {
            new BeamSearch(model, new() { Width = 3, MaximumLength = 8 }).Decode(Sources, needWeights: true);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_model_that_answers_NaN_is_refused()
    {
        using var model = Model(1, CellKind.Gru);
        using (no_grad()) model.state_dict()["decoder.out.bias"].fill_(double.NaN);
        Assert.Contains("NaN", Assert.Throws<InvalidOperationException>(() => new BeamSearch(model, new()).Decode(Sources)).Message);
        Assert.Contains("NaN", Assert.Throws<InvalidOperationException>(() => new GreedyDecoder(model).Decode(Sources)).Message);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        using var model = Model(1, CellKind.Gru);
        Assert.Throws<ArgumentOutOfRangeException>(() => new BeamSearch(model, new() { Width = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BeamSearch(model, new() { Width = 2, Best = 3 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BeamSearch(model, new() { Best = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BeamSearch(model, new() { MaximumLength = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BeamSearch(model, new() { LengthPenalty = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BeamSearch(model, new() { LengthPenalty = double.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BeamSearch(model, new() { CoveragePenalty = -1 }));
        Assert.Throws<ArgumentException>(() => new BeamSearch(model, new()).Decode([]));
    }

    // Sharper than an untrained model, so that ends come and candidates don't tie.
    private static RecurrentSeq2Seq Model(int seed, CellKind kind)
    {
        random.manual_seed(seed);
        var model = Models.Small(kind: kind);
        using var noGradient = no_grad();
        foreach (var (_, parameter) in model.named_parameters()) parameter.mul_(4);
        return model;
    }

    private static IEnumerable<(int[] Tokens, double Score)> Everything(RecurrentSeq2Seq model, int[] source, int maximumLength, double penalty, double coverage)
    {
        var symbols = new[] { 0, 1, 3, 4, 5, 6 };
        IEnumerable<int[]> targets = [[]];
        for (var length = 0; length < maximumLength; length++)
        {
            foreach (var target in targets) yield return (target, Score(target));
            targets = [.. targets.SelectMany(target => symbols.Select(symbol => (int[])[.. target, symbol]))];
        }

        double Score(int[] target)
        {
            using var scope = NewDisposeScope();
            using var batch = SequenceBatch.Create([new(source, target)]);
            var answer = model.call(batch.Source, batch.SourceLengths, batch.TargetInput, true);
            var sum = answer.Logits.log_softmax(-1)[0].gather(1, batch.TargetOutput[0].unsqueeze(1)).sum().item<float>();
            var seen = answer.Weights![0].sum(0L).data<float>().ToArray().Sum(part => Math.Log(Math.Min(part, 1)));
            return (sum / Math.Pow((5.0 + target.Length + 1) / 6, penalty)) + (coverage * seen);
        }
    }

    /// <summary>p(3) = 0.6 and p(4) = 0.4, then the end. The weights of a step come before its symbol is known, so both see what the start saw.</summary>
    private sealed class LookingModel : ISequenceModel
    {
        public DecodingSession Start(Tensor source, Tensor sourceLengths) => new Session();

        private sealed class Session : DecodingSession
        {
            public override DecodingStep Advance(Tensor tokens)
            {
                var given = tokens.data<long>().ToArray();
                var logits = given.SelectMany(token => token == Vocabulary.Start ? new[] { 0, 0, 0, 0.6f, 0.4f, 0, 0 } : [0, 0, 1, 0, 0, 0, 0]);
                var weights = given.SelectMany(token => token switch { Vocabulary.Start => new[] { 0.9f, 0.1f }, 3 => [0.9f, 0.1f], _ => [0.2f, 0.8f] });
                return new(tensor(logits.ToArray()).view(-1, 7).log(), tensor(weights.ToArray()).view(-1, 2));
            }

            public override void Reorder(long[] rows)
            {
            }

            protected override void Dispose(bool disposing)
            {
            }
        }
    }

    /// <summary>p(3) = 0.6 and p(4) = 0.4 at first; then p(5 | 3) = 0.4 with the rest spread out, p(5 | 4) = 1; then the end.</summary>
    private sealed class TreeModel : ISequenceModel
    {
        public DecodingSession Start(Tensor source, Tensor sourceLengths) => new Session();

        private sealed class Session : DecodingSession
        {
            public override DecodingStep Advance(Tensor tokens)
            {
                var rows = tokens.data<long>().ToArray().Select(token => token switch
                {
                    Vocabulary.Start => new[] { 0, 0, 0, 0.6f, 0.4f, 0 },
                    3 => [0, 0, 0, 0.3f, 0.3f, 0.4f],
                    4 => [0, 0, 0, 0, 0, 1],
                    _ => [0, 0, 1, 0, 0, 0],
                });
                return new(tensor(rows.SelectMany(row => row).ToArray()).view(-1, 6).log(), null);
            }

            public override void Reorder(long[] rows)
            {
            }

            protected override void Dispose(bool disposing)
            {
            }
        }
    }
}
