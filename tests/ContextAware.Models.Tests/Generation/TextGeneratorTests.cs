using ContextAware.Models.Decoding.Sampling;
using ContextAware.Models.Generation;
using ContextAware.Models.LanguageModels;
using ContextAware.Models.Tests.LanguageModels;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Generation;

public sealed class TextGeneratorTests : IDisposable
{
    private static readonly int[][] Prompts = [[3, 1, 4], [1], [5, 9, 2, 6, 5, 3, 5], [8, 9, 7, 9]];

    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<string> Kinds { get; } = ["gpt2", "llama", "llama interleaved"];

    public void Dispose() => scope.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Greedy_takes_the_best_of_a_full_pass_each_time(string kind)
    {
        using var model = TinyModels.Make(kind);
        var expected = Naive(model, Prompts[0], 15);
        Assert.Equal(expected, Alone(model, Prompts[0], new() { MaximumLength = 15 }).Tokens);
        Assert.Equal(expected, Alone(model, Prompts[0], new() { MaximumLength = 15, UseCache = false }).Tokens);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_batch_gives_each_prompt_the_text_it_gets_alone(string kind)
    {
        using var model = TinyModels.Make(kind);
        foreach (var sampling in new[] { SamplingOptions.Greedy, new() { Temperature = 0.8, TopK = 9, TopP = 0.95, RepetitionPenalty = 1.1 } })
        {
            // The first row stops early: the others go on without it.
            var stop = Alone(model, Prompts[0], new() { Sampling = sampling, Seed = 4, MaximumLength = 6 }).Tokens[5];
            var options = new GenerationOptions { Sampling = sampling, Seed = 4, MaximumLength = 14, StopTokens = [stop] };
            var together = TinyModels.Generate(model, Prompts, options);
            for (var row = 0; row < Prompts.Length; row++)
            {
                var alone = Alone(model, Prompts[row], options);
                Assert.Equal(alone.Tokens, together[row].Tokens);
                Assert.Equal(alone.IsComplete, together[row].IsComplete);
            }
        }
    }

    [Fact]
    public void Padding_on_either_side_gives_the_same_prompts()
    {
        var left = tensor(new long[] { 0, 0, 7, 4, 5, 6 }, [2, 3]);
        var right = tensor(new long[] { 7, 0, 0, 4, 5, 6 }, [2, 3]);
        int[][] expected = [[7], [4, 5, 6]];
        Assert.Equal(expected, ContextAware.Models.Generation.Prompts.FromPadded(left, tensor(new long[] { 0, 0, 1, 1, 1, 1 }, [2, 3])));
        Assert.Equal(expected, ContextAware.Models.Generation.Prompts.FromPadded(right, tensor(new[] { true, false, false, true, true, true }, [2, 3])));
    }

    [Fact]
    public void Padded_prompts_that_are_none_are_refused()
    {
        var tokens = zeros([1, 3], int64);
        Assert.Throws<ArgumentException>("tokens", () => ContextAware.Models.Generation.Prompts.FromPadded(zeros(1, 3), tokens));
        Assert.Throws<ArgumentException>("isToken", () => ContextAware.Models.Generation.Prompts.FromPadded(tokens, ones([1, 2], int64)));
        Assert.Throws<ArgumentException>("isToken", () => ContextAware.Models.Generation.Prompts.FromPadded(tokens, tokens));
        Assert.Throws<ArgumentException>("isToken", () => ContextAware.Models.Generation.Prompts.FromPadded(tokens, tensor(new long[] { 1, 0, 1 }, [1, 3])));
    }

    [Fact]
    public void A_stop_token_ends_a_text_and_is_not_part_of_it()
    {
        using var model = TinyModels.Make("gpt2");
        var free = Alone(model, Prompts[2], new() { MaximumLength = 10 });
        Assert.False(free.IsComplete);
        var at = free.Tokens.ToList().IndexOf(free.Tokens[4]);
        var stopped = Alone(model, Prompts[2], new() { MaximumLength = 10, StopTokens = [free.Tokens[4]] });
        Assert.True(stopped.IsComplete);
        Assert.Equal(free.Tokens.Take(at), stopped.Tokens);
    }

    [Fact]
    public void A_text_ends_with_the_context_and_the_others_of_its_batch_go_on()
    {
        using var model = TinyModels.Make("gpt2", context: 12);
        var texts = TinyModels.Generate(model, [Prompts[2], Prompts[1]], new() { MaximumLength = 100 });
        Assert.Equal([6, 12], texts.Select(text => text.Tokens.Count));
        Assert.Equal(Alone(model, Prompts[1], new() { MaximumLength = 100 }).Tokens, texts[1].Tokens);
        Assert.All(texts, text => Assert.False(text.IsComplete));
    }

    [Fact]
    public void A_length_beyond_all_memory_is_bounded_by_the_context()
    {
        using var model = TinyModels.Make("gpt2", context: 12);
        var options = new GenerationOptions { MaximumLength = int.MaxValue };
        Assert.Equal([12, 12], TinyModels.Generate(model, [Prompts[1], Prompts[1]], options).Select(text => text.Tokens.Count));
        Assert.Equal([10, 6], TinyModels.Generate(model, [Prompts[0], Prompts[2]], options).Select(text => text.Tokens.Count));
    }

    [Fact]
    public void A_seed_reproduces_and_another_one_differs()
    {
        using var model = TinyModels.Make("llama");
        var options = new GenerationOptions { Sampling = new() { Temperature = 2 }, Seed = 9, MaximumLength = 20 };
        var first = TinyModels.Generate(model, Prompts, options).Select(text => text.Tokens).ToArray();
        random.manual_seed(1234);   // The generator has numbers of its own.
        Assert.Equal(first, TinyModels.Generate(model, Prompts, options).Select(text => text.Tokens));
        Assert.NotEqual(first, TinyModels.Generate(model, Prompts, options with { Seed = 10 }).Select(text => text.Tokens));
        var twins = TinyModels.Generate(model, [Prompts[0], Prompts[0]], options);
        Assert.NotEqual(twins[0].Tokens, twins[1].Tokens);
        // Neither its place nor its neighbours change what is drawn for a prompt.
        var reversed = TinyModels.Generate(model, [.. Prompts.Reverse()], options).Select(text => text.Tokens).Reverse();
        Assert.Equal(first, reversed);
        Assert.Equal(first, Prompts.Select(prompt => Alone(model, prompt, options).Tokens));
    }

    [Fact]
    public async Task A_stream_brings_the_same_tokens_in_the_order_of_the_steps()
    {
        using var model = TinyModels.Make("llama");
        var options = new GenerationOptions { MaximumLength = 6 };
        var expected = TinyModels.Generate(model, Prompts, options);
        var streamed = new List<GeneratedToken>();
        await foreach (var token in new TextGenerator(model).StreamAsync(Prompts, options, TestContext.Current.CancellationToken)) streamed.Add(token);
        Assert.Equal(Enumerable.Range(0, 24).Select(i => i % 4), streamed.Select(token => token.Row));
        for (var row = 0; row < Prompts.Length; row++)
            Assert.Equal(expected[row].Tokens, streamed.Where(token => token.Row == row).Select(token => token.Token));
    }

    [Fact]
    public async Task Cancellation_stops_between_steps()
    {
        using var model = TinyModels.Make("llama");
        using var source = new CancellationTokenSource();
        var seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var token in new TextGenerator(model).StreamAsync([[1]], new() { MaximumLength = 30 }, source.Token))
            {
                if (++seen == 3) await source.CancelAsync();
            }
        });
        Assert.Equal(3, seen);
        Assert.Throws<OperationCanceledException>(() => new TextGenerator(model).Generate([[1]], cancellation: source.Token));
    }

    [Theory]
    [InlineData("none", "prompts", "at least one prompt")]
    [InlineData("empty", "prompts", "Prompt 1 is empty")]
    [InlineData("unknown", "prompts", "0 to 22, got 23 in prompt 0")]
    [InlineData("negative", "prompts", "got -1 in prompt 0")]
    [InlineData("long", "prompts", "at most 40 tokens")]
    [InlineData("length", "MaximumLength", "")]
    [InlineData("stop", "StopTokens", "0 to 22")]
    [InlineData("sampling", "TopP", "")]
    public void Bad_requests_are_refused(string what, string name, string message)
    {
        using var model = TinyModels.Make("gpt2");
        int[][] prompts = what switch
        {
            "none" => [],
            "empty" => [[1], []],
            "unknown" => [[TinyModels.Vocabulary]],
            "negative" => [[-1]],
            "long" => [new int[41]],
            _ => [[1]],
        };
        var options = what switch
        {
            "length" => new GenerationOptions { MaximumLength = 0 },
            "stop" => new() { StopTokens = [TinyModels.Vocabulary] },
            "sampling" => new() { Sampling = new() { TopP = 0 } },
            _ => new(),
        };
        var error = Assert.ThrowsAny<ArgumentException>(() => TinyModels.Generate(model, prompts, options));
        Assert.Equal(name, error.ParamName);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.ThrowsAny<ArgumentException>(() => new TextGenerator(model).StreamAsync(prompts, options, CancellationToken.None));
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using var model = TinyModels.Make("llama");
        LeakCheck.Tensors(() =>
        {
            TinyModels.Generate(model, [Prompts[0]], new() { MaximumLength = 4 });
            TinyModels.Generate(model, Prompts, new() { MaximumLength = 4 });
            TinyModels.Search(model, Prompts, new() { Width = 2, MaximumLength = 4 }, [2]);
        });
    }

    [Fact]
    public void A_step_allocates_as_much_managed_memory_late_as_early()
    {
        using var model = TinyModels.Make("llama", context: 400);
        using var run = new GenerationRun(model, [[1]], new() { MaximumLength = 390 });
        Advance(60);
        var early = Advance(100);
        Advance(100);
        var late = Advance(100);
        // The list of the text itself doubles now and then: at most four bytes a token, and the old ones.
        Assert.InRange(late, 0, early + 4096);

        long Advance(int steps)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < steps; i++) run.Step(static _ => { });
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private static GeneratedText Alone(DecoderOnlyModel model, int[] prompt, GenerationOptions options) => TinyModels.Generate(model, [prompt], options)[0];

    private static List<int> Naive(DecoderOnlyModel model, int[] prompt, int length)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var text = prompt.Select(token => (long)token).ToList();
        for (var i = 0; i < length; i++)
            text.Add(model.call(tensor(text.ToArray(), [1, text.Count])).Logits[0, -1].argmax().item<long>());
        return [.. text.Skip(prompt.Length).Select(token => (int)token)];
    }
}
