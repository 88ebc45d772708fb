using System.Text;
using ContextAware.Interop;
using global::TinyStories.Commands;
using global::TinyStories.Stories;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.TinyStories;

/// <summary>Whatever the user gets wrong is one line on standard error, and nothing on standard output.</summary>
public sealed class TinyStoriesErrorTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("tinystories").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("no such file", "tell", "--model", "absent.bin")]
    [InlineData("no llama2.c model", "tell", "--model", "broken.bin")]
    [InlineData("byte 0", "tell", "--model", "broken.safetensors")]
    [InlineData("no settings", "tell", "--model", "strange.safetensors")]
    [InlineData("do not fit its tensor", "tell", "--model", "lying.safetensors")]
    [InlineData("tokenizer", "tell", "--tokenizer", "absent.bin")]
    [InlineData("no llama2.c tokenizer", "tell", "--tokenizer", "broken.bin")]
    [InlineData("belong together", "tell", "--tokenizer", "long.tok")]
    [InlineData("neither a piece nor bytes", "tell", "--prompt", "z")]
    [InlineData("neither a piece nor bytes", "tell", "--prompt", "@a said")]
    [InlineData("do not fit its tensor 'model.layers.0.self_attn.q_proj.weight'", "tell", "--model", "square.safetensors")]
    [InlineData("the model can hold 3", "tell", "--prompt", "aaaa")]
    [InlineData("must end in .safetensors", "convert", "--save", "x.bin")]
    [InlineData("there is no folder", "convert", "--save", "absent/x.safetensors")]
    [InlineData("Can't write", "look", "--text", "a", "--map", "absent/x.html")]
    [InlineData("--tokens must be a whole number", "tell", "--tokens", "0")]
    [InlineData("--temperature must be a number", "tell", "--temperature", "warm")]
    [InlineData("--top-p must be", "tell", "--top-p", "2")]
    [InlineData("sing", "sing")]
    public async Task A_mistake_is_one_line(string message, string command, params string[] arguments)
    {
        Prepare();
        var given = arguments.Select(argument => argument.Contains('.', StringComparison.Ordinal) ? Path.Combine(folder, argument) : argument).ToList();
        if (command is "tell" or "look" or "convert" && !given.Contains("--model")) given.AddRange(["--model", Path.Combine(folder, "model.bin")]);
        if (command is "tell" or "look" && !given.Contains("--tokenizer")) given.AddRange(["--tokenizer", Path.Combine(folder, "tokens.tok")]);
        var (code, output, error) = await StoriesData.Run([command, .. given]);
        Assert.Equal((1, ""), (code, Encoding.UTF8.GetString(output)));
        Assert.StartsWith("tinystories: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.TrimEnd());
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_is_no_error_but_says_so()
    {
        Prepare();
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        using var output = new MemoryStream();
        using var error = new StringWriter();
        var code = await TinyStoriesCommand.RunAsync(
            ["tell", "--model", Path.Combine(folder, "model.bin"), "--tokenizer", Path.Combine(folder, "tokens.tok")], output, error, stop.Token);
        Assert.Equal(130, code);
    }

    [Fact]
    public async Task Help_is_not_an_error()
    {
        var (code, output, _) = await StoriesData.Run("tell", "--help");
        Assert.Equal(0, code);
        Assert.Contains("--temperature", Encoding.UTF8.GetString(output), StringComparison.Ordinal);
    }

    [Fact]
    public void A_conversion_puts_rotary_pairs_into_halves()
    {
        Prepare();
        var converted = Path.Combine(folder, "model.safetensors");
        StoryModel.Convert(Path.Combine(folder, "model.bin"), converted);
        using var file = SafetensorsFile.Open(converted);
        using var scope = NewDisposeScope();
        // Heads of four rows: 0 1 2 3 → 0 2 1 3.
        var first = file.Read("model.layers.0.self_attn.q_proj.weight").select(1, 0).data<float>().ToArray();
        Assert.Equal([56, 72, 64, 80, 88, 104, 96, 112], first);
    }

    private void Prepare()
    {
        (float, string)[] pieces = [(0, "<unk>"), (0, "<s>"), (0, "</s>"), (0, "a"), (0, " ")];
        Write("model.bin", Llama2cBytes.Model());
        Write("tokens.tok", Llama2cBytes.Tokenizer(9, pieces));
        Write("long.tok", Llama2cBytes.Tokenizer(9, [.. pieces, (0, "b")]));
        Write("broken.bin", Llama2cBytes.Model()[..50]);
        Write("broken.safetensors", [1, 2, 3]);
        using var scope = NewDisposeScope();
        WriteSquare();
        var strange = new Dictionary<string, Tensor> { ["x"] = zeros(2) };
        SafetensorsFile.Write(Path.Combine(folder, "strange.safetensors"), strange);
        SafetensorsFile.Write(Path.Combine(folder, "lying.safetensors"), strange, new Dictionary<string, string>
        {
            ["settings"] = """{"width": 2000000000, "hiddenWidth": 8, "layers": 1, "heads": 1, "keyValueHeads": 1, "vocabulary": 2000000000, "context": 9, "tiedHead": true}""",
        });
    }

    // Small tensors whose sizes together would make a large one.
    private void WriteSquare()
    {
        var weights = new Dictionary<string, Tensor>
        {
            ["model.embed_tokens.weight"] = zeros(1, 200_000),
            ["model.layers.0.mlp.gate_proj.weight"] = zeros(1, 200_000),
            ["model.layers.0.self_attn.k_proj.weight"] = zeros(2, 200_000),
        };
        SafetensorsFile.Write(Path.Combine(folder, "square.safetensors"), weights, new Dictionary<string, string>
        {
            ["settings"] = """{"width": 200000, "hiddenWidth": 1, "layers": 1, "heads": 100000, "keyValueHeads": 1, "vocabulary": 1, "context": 9, "tiedHead": true}""",
        });
    }

    private void Write(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(folder, name), bytes);
}
