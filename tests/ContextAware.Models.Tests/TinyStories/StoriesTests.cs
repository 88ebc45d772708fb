using System.Text;
using ContextAware.Interop;
using ContextAware.Models.Tests.LanguageModels;
using global::TinyStories.Llama2c;
using global::TinyStories.Stories;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.TinyStories;

/// <summary>A real trained model tells, to the byte, the story that its makers' own program tells.</summary>
public sealed class StoriesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("tinystories").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData]
    [InlineData("--no-cache")]
    public async Task The_program_prints_exactly_the_expected_story(params string[] more)
    {
        var (code, output, error) = await StoriesData.Run(["tell", "--model", StoriesData.Model, "--tokenizer", StoriesData.Tokenizer, "--tokens", "200", .. more]);
        Assert.Equal(Encoding.UTF8.GetString(StoriesData.Expected), Encoding.UTF8.GetString(output));
        Assert.Equal(StoriesData.Expected, output);
        Assert.Equal(0, code);
        Assert.Matches(@"\(200 tokens, \d+ a second\)", error);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("7,1,30,2")]
    [InlineData("200")]
    public void In_any_chunks_each_token_follows_from_those_before(string chunks)
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        using var model = StoryModel.Load(StoriesData.Model);
        var tokenizer = Llama2cTokenizer.Read(StoriesData.Tokenizer);
        int[] story = [Llama2cTokenizer.Begin, .. TinyModels.Generate(model, [[Llama2cTokenizer.Begin]], new() { MaximumLength = 200 })[0].Tokens];
        Assert.Equal(Encoding.UTF8.GetString(StoriesData.Expected), tokenizer.Decode(story));

        var sizes = chunks.Split(',').Select(int.Parse).ToArray();
        var caches = model.NewCaches();
        for (var (at, i) = (0, 0); at < 200; i++)
        {
            var count = Math.Min(sizes[i % sizes.Length], 200 - at);
            var input = tensor(story.Skip(at).Take(count).Select(token => (long)token).ToArray(), [1, count]);
            Assert.Equal(story.Skip(at + 1).Take(count).Select(token => (long)token), model.call(input, caches).Logits[0].argmax(-1).data<long>().ToArray());
            at += count;
        }

        foreach (var cache in caches) cache.Dispose();
    }

    [Fact]
    public async Task The_converted_model_tells_the_same_story()
    {
        var converted = Path.Combine(folder, "stories.safetensors");
        Assert.Equal(0, (await StoriesData.Run("convert", "--model", StoriesData.Model, "--save", converted)).Code);
        using (var file = SafetensorsFile.Open(converted))
        {
            Assert.Equal([64, 64], file.Entries["model.layers.0.self_attn.q_proj.weight"].Shape);
            Assert.DoesNotContain("lm_head.weight", file.Entries.Keys);
        }

        var (code, output, _) = await StoriesData.Run("tell", "--model", converted, "--tokenizer", StoriesData.Tokenizer);
        Assert.Equal((0, Encoding.UTF8.GetString(StoriesData.Expected)), (code, Encoding.UTF8.GetString(output)));
    }

    [Fact]
    public async Task Maps_of_every_layer_and_head_go_to_a_page()
    {
        var page = Path.Combine(folder, "map.html");
        var (code, _, _) = await StoriesData.Run("look", "--model", StoriesData.Model, "--tokenizer", StoriesData.Tokenizer, "--text", "Lily likes <cats>", "--map", page);
        Assert.Equal(0, code);
        Assert.Contains("(begin)", File.ReadAllText(page), StringComparison.Ordinal);
        using var teller = Storyteller.Load(StoriesData.Model, StoriesData.Tokenizer);
        var map = teller.Look("Lily likes cats");
        Assert.Equal((5, 8), (map.Layers, map.Heads));
        for (var layer = 0; layer < 5; layer++)
        {
            for (var head = 0; head < 8; head++)
            {
                Assert.Equal(1, map.Row(layer, head, 2).ToArray().Sum(), 1e-4);
                Assert.Equal(0, map[layer, head, 1, 2]);
            }
        }
    }

    [Fact]
    public async Task A_prompt_is_part_of_the_story_and_a_seed_reproduces_it()
    {
        string[] arguments = ["tell", "--model", StoriesData.Model, "--tokenizer", StoriesData.Tokenizer, "--prompt", "The cat", "--tokens", "30", "--temperature", "0.9", "--top-p", "0.9"];
        var first = (await StoriesData.Run([.. arguments, "--seed", "7"])).Output;
        Assert.StartsWith("The cat", Encoding.UTF8.GetString(first), StringComparison.Ordinal);
        Assert.Equal(first, (await StoriesData.Run([.. arguments, "--seed", "7"])).Output);
        Assert.NotEqual(first, (await StoriesData.Run([.. arguments, "--seed", "8"])).Output);
    }
}
