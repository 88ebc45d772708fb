using ContextAware.Models.Decoding;
using ContextAware.Models.Generation;
using ContextAware.Models.LanguageModels;
using ContextAware.Models.Tests.LanguageModels;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Generation;

public class BeamGenerationTests
{
    private static readonly int[][] Prompts = [[3, 1, 4], [1], [5, 9, 2, 6, 5]];

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    public void A_beam_of_one_is_greedy(string kind)
    {
        using var model = TinyModels.Make(kind);
        int[] stops = [TinyModels.Generate(model, [Prompts[2]], new() { MaximumLength = 4 })[0].Tokens[3]];
        var greedy = TinyModels.Generate(model, Prompts, new() { MaximumLength = 8, StopTokens = stops });
        var found = TinyModels.Search(model, Prompts, new() { Width = 1, MaximumLength = 8 }, stops);
        for (var row = 0; row < Prompts.Length; row++) Assert.Equal(greedy[row].Tokens.Take(7), found[row][0].Tokens.Take(7));
    }

    // Three steps of a vocabulary of 23: a beam as wide as all beginnings misses nothing.
    [Fact]
    public void A_wide_beam_finds_the_best_of_all_texts()
    {
        using var model = TinyModels.Make("llama");
        int[] stops = [2, 7];
        var best = AllTexts(model, Prompts[0], 3, stops).OrderByDescending(text => text.Score).Take(3).ToArray();
        var found = TinyModels.Search(model, [Prompts[0]], new() { Width = 529, Best = 3, MaximumLength = 3, LengthPenalty = 0 }, stops)[0];
        Assert.Equal(3, found.Count);
        foreach (var (expected, actual) in best.Zip(found))
        {
            Assert.True(actual.IsComplete);
            Assert.Equal(expected.Tokens, actual.Tokens);
            Assert.Equal(expected.Score, actual.LogProbability, 1e-3);
        }
    }

    [Fact]
    public void A_batch_finds_for_each_prompt_what_it_finds_alone()
    {
        using var model = TinyModels.Make("gpt2");
        var options = new BeamSearchOptions { Width = 4, Best = 2, MaximumLength = 7, LengthPenalty = 0.6 };
        var together = TinyModels.Search(model, Prompts, options, [2, 7]);
        for (var row = 0; row < Prompts.Length; row++)
        {
            var alone = TinyModels.Search(model, [Prompts[row]], options, [2, 7])[0];
            Assert.Equal(alone.Select(text => text.Tokens), together[row].Select(text => text.Tokens));
        }
    }

    [Fact]
    public void The_context_bounds_a_search()
    {
        using var model = TinyModels.Make("gpt2", context: 6);
        Assert.Equal(2, TinyModels.Search(model, [Prompts[2]], new() { Width = 3, MaximumLength = 50 }, [])[0][0].Tokens.Length);
    }

    [Fact]
    public void A_long_prompt_leaves_the_others_of_its_batch_the_length_they_have_alone()
    {
        using var model = TinyModels.Make("llama", context: 8);
        var options = new BeamSearchOptions { Width = 3, Best = 2, MaximumLength = 50 };
        var together = TinyModels.Search(model, Prompts, options, []);
        Assert.Equal([6, 8, 4], together.Select(found => found[0].Tokens.Length));
        for (var row = 0; row < Prompts.Length; row++)
            Assert.Equal(TinyModels.Search(model, [Prompts[row]], options, [])[0].Select(text => text.Tokens), together[row].Select(text => text.Tokens));
    }

    [Fact]
    public void A_stop_token_that_is_named_twice_counts_once()
    {
        using var model = TinyModels.Make("gpt2");
        var options = new BeamSearchOptions { Width = 4, Best = 3, MaximumLength = 5 };
        var (once, twice) = (TinyModels.Search(model, Prompts, options, [2, 7]), TinyModels.Search(model, Prompts, options, [2, 7, 2, 2]));
        Assert.Equal(once.SelectMany(found => found).Select(text => text.LogProbability), twice.SelectMany(found => found).Select(text => text.LogProbability));
    }

    [Fact]
    public void A_cancelled_search_stops()
    {
        using var model = TinyModels.Make("gpt2");
        Assert.Throws<OperationCanceledException>(() => new TextGenerator(model).Search(Prompts, new(), [], new CancellationToken(canceled: true)));
    }

    private static IEnumerable<(int[] Tokens, double Score)> AllTexts(DecoderOnlyModel model, int[] prompt, int length, int[] stops)
    {
        var open = new List<(int[] Tokens, double Score)> { ([], 0) };
        for (var step = 0; step < length; step++)
        {
            var next = new List<(int[] Tokens, double Score)>();
            foreach (var (tokens, score) in open)
            {
                var logs = LogProbabilities(model, [.. prompt, .. tokens]);
                yield return (tokens, score + Math.Log(stops.Sum(stop => Math.Exp(logs[stop]))));
                next.AddRange(Enumerable.Range(0, logs.Length).Except(stops).Select(token => ((int[])[.. tokens, token], score + logs[token])));
            }

            open = next;
        }
    }

    private static float[] LogProbabilities(DecoderOnlyModel model, int[] text)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var input = tensor(Array.ConvertAll(text, token => (long)token), [1, text.Length]);
        return model.call(input).Logits[0, -1].log_softmax(-1).data<float>().ToArray();
    }
}
