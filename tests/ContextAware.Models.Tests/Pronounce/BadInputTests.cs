using ContextAware.Interop;
using Pronounce.Commands;

namespace ContextAware.Models.Tests.Pronounce;

/// <summary>Whatever is wrong: one line on standard error, a code that is not zero, and nothing written over.</summary>
public sealed class BadInputTests : IDisposable
{
    private const string Untouched = "untouched";

    private static readonly string[] Small = ["--hidden", "8", "--embedding", "4"];

    private readonly CommandLine program = new(PronounceCommand.RunAsync);

    public void Dispose() => program.Dispose();

    [Theory]
    [InlineData("train --train missing.txt", "missing.txt", "no such file")]
    [InlineData("train --train .", "folder")]
    [InlineData("train --train empty.txt", "empty.txt holds no words")]
    [InlineData("train --train comments.txt", "comments.txt holds no words")]
    [InlineData("train --train malformed.txt", "malformed.txt, line 2")]
    [InlineData("train --train binary.txt", "binary.txt", "UTF-8")]
    [InlineData("train --train good.txt --dev missing.txt", "missing.txt")]
    [InlineData("train --train good.txt --test malformed.txt", "malformed.txt, line 2")]
    [InlineData("train --train good.txt --dev good.txt", "No words are left")]
    [InlineData("train --train good.txt --save nowhere/model", "no folder")]
    [InlineData("train --train good.txt --save .", "folder")]
    [InlineData("train --train good.txt --resume", "--resume needs --folder")]
    [InlineData("train --train good.txt --checkpoint-steps 5", "--checkpoint-steps needs --folder")]
    [InlineData("train --train good.txt --warmup 5", "--warmup goes with --schedule inverse-root")]
    [InlineData("train --train good.txt --dev other.txt --patience 0", "--patience must be a whole number, at least 1")]
    [InlineData("train --train good.txt --folder good.txt", "good.txt")]
    [InlineData("train --train good.txt --load missing.safetensors", "missing.safetensors")]
    [InlineData("train --train good.txt --load model.safetensors --hidden 10", "--hidden 8, not 10")]
    [InlineData("train --train good.txt --load model.safetensors --cell lstm", "--cell gru, not lstm")]
    [InlineData("train --train good.txt --load model.safetensors --stress", "--stress")]
    [InlineData("train --train other.txt --load model.safetensors", "no letter 'Q'")]
    [InlineData("train --train phones.txt --load model.safetensors", "no phone 'ZH'")]
    [InlineData("train --epochs 0", "--epochs must be a whole number, at least 1, not '0'", "train --help")]
    [InlineData("train --epochs many", "--epochs must be a whole number, at least 1, not 'many'")]
    [InlineData("train --minutes -1", "--minutes must be a number above 0")]
    [InlineData("train --hidden 1", "--hidden must be a whole number, at least 2")]
    [InlineData("train --dropout 1", "--dropout must be a number from 0")]
    [InlineData("train --ngrams 3", "--ngrams doesn't go with --network recurrent")]
    [InlineData("train --network transformer --ngrams 3 0", "--ngrams must be whole numbers", "not '0'")]
    [InlineData("train --network transformer --ngrams 3 3", "--ngrams must be whole numbers", "each once")]
    [InlineData("train --network transformer --ngrams 3 4 99", "99")]
    [InlineData("train --network transformer --ngram-dropout 0.5", "--ngram-dropout needs --ngrams")]
    [InlineData("train --network transformer --ngrams-from 0.5", "--ngrams-from needs --ngrams")]
    [InlineData("train --network transformer --ngrams 3 --ngrams-from 1", "--ngrams-from must be a number from 0 up to but not including 1, not '1'")]
    [InlineData("train --ngrams-from 0.5", "--ngrams-from doesn't go with --network recurrent")]
    [InlineData("train --train good.txt --load model.safetensors --ngram-dropout 0.5", "--ngram-dropout doesn't go with --network recurrent")]
    [InlineData("train --rate 0", "--rate must be a number above 0")]
    [InlineData("train --rate 0,002", "--rate must be a number above 0, not '0,002'")]
    [InlineData("train --minutes 1e-9", "--minutes must be a number above 0.00001 and below a million, not '1e-9'")]
    [InlineData("train --hidden 2147483647", "--hidden must be a whole number, at least 2 and at most 16384")]
    [InlineData("train --layers 1000000", "--layers must be a whole number, at least 1 and at most 100")]
    [InlineData("train --at-once 2147483647", "--at-once must be a whole number, at least 1 and at most 256")]
    [InlineData("train --accumulate 2147483647", "--accumulate must be a whole number, at least 1 and at most 10000")]
    [InlineData("train --batch 2147483647", "--batch must be a whole number, at least 1 and at most 100000")]
    [InlineData("say AB --beam 2147483647", "--beam must be a whole number, at least 1 and at most 1000")]
    [InlineData("say @AB --load model.safetensors", "no letter '@'")]
    [InlineData("train --cell rnn", "rnn")]
    [InlineData("train --device tpu", "tpu")]
    [InlineData("evaluate --load missing.safetensors", "missing.safetensors", "no such file")]
    [InlineData("evaluate --load good.txt", "good.txt")]
    [InlineData("evaluate --load cut.safetensors", "cut.safetensors")]
    [InlineData("evaluate --load reshaped.safetensors", "bridge.hidden.bias")]
    [InlineData("evaluate --load nosettings.safetensors", "no settings")]
    [InlineData("evaluate --load badsettings.safetensors", "badsettings.safetensors")]
    [InlineData("evaluate --load nullsettings.safetensors", "nullsettings.safetensors", "nGrams")]
    [InlineData("evaluate --load model.safetensors --test empty.txt", "empty.txt holds no words")]
    [InlineData("evaluate --load model.safetensors --test other.txt", "no letter 'Q'")]
    [InlineData("evaluate --load model.safetensors --chart nowhere/chart.svg", "no folder")]
    [InlineData("pack --load missing.safetensors --save target", "no such file")]
    [InlineData("pack --load model.safetensors", "--save")]
    [InlineData("say café --load model.safetensors", "no letter 'C' (in 'CAFÉ')")]
    [InlineData("say", "argument missing", "say --help")]
    [InlineData("say AB --load model.safetensors --map map.png", ".svg or .html")]
    [InlineData("say AB BA --load model.safetensors --map map.svg", "one picture")]
    [InlineData("say AB --load model.safetensors --map nowhere/map.svg", "no folder")]
    [InlineData("demo --minutes 0", "--minutes must be a number above 0")]
    [InlineData("demo --folder good.txt", "good.txt")]
    [InlineData("train --seed x", "--seed must be a whole number")]
    [InlineData("sing", "sing")]
    public async Task One_line_says_what_is_wrong(string line, params string[] parts)
    {
        await MakeFiles();
        var target = program.Write("target", Untouched);
        string[] names = ["missing.", "empty.", "comments.", "malformed.", "binary.", "good.", "other.", "phones.", "model.", "cut.", "reshaped.", "nosettings.", "badsettings.", "nullsettings.", "map.", "nowhere/"];
        string[] arguments = [.. line.Split(' ').Select(word => word == "." || names.Any(name => word.StartsWith(name, StringComparison.Ordinal)) ? program.File(word) : word)];
        if (line.StartsWith("train", StringComparison.Ordinal) && !line.Contains("--save", StringComparison.Ordinal)) arguments = [.. arguments, "--save", target];

        Assert.Equal(1, await program.Run(arguments));
        var error = program.Error.Trim();
        Assert.NotEqual("", error);
        Assert.DoesNotContain('\n', error);
        Assert.All(parts, part => Assert.Contains(part, error));
        Assert.Equal(Untouched, await File.ReadAllTextAsync(target, TestContext.Current.CancellationToken));
        Assert.DoesNotContain(Directory.GetFiles(program.Folder), file => file.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_that_is_empty_is_no_name()
    {
        Assert.Contains("--folder must be a name, not ''", await program.Fail("train", "--folder", ""));
        Assert.Contains("--folder must be a name, not ' '", await program.Fail("demo", "--folder", " "));
        Assert.Contains("--save must be a name", await program.Fail("pack", "--load", "a", "--save", ""));
        Assert.Contains("--map must be a name", await program.Fail("say", "AB", "--map", ""));
    }

    [Fact]
    public async Task What_cannot_be_trained_leaves_no_run_behind()
    {
        await MakeFiles();
        var run = program.File("run");
        Assert.Contains("--warmup goes with", await program.Fail("train", "--train", program.File("good.txt"), "--warmup", "5", "--folder", run));
        Assert.Contains("needs development words", await program.Fail("train", "--train", program.File("good.txt"), "--patience", "5", "--folder", run));
        Assert.False(Directory.Exists(run));
    }

    [Fact]
    public async Task A_device_that_is_not_there_is_named()
    {
        Assert.SkipWhen(TorchSharp.torch.cuda.is_available(), "This machine has a CUDA device.");
        Assert.Equal(1, await program.Run("evaluate", "--device", "cuda"));
        Assert.Contains("no CUDA device", program.Error);
    }

    private async Task MakeFiles()
    {
        program.Write("empty.txt", "");
        program.Write("comments.txt", ";;; nothing\n\n");
        program.Write("malformed.txt", "AB\tAH B\nBA\n");
        program.Write("other.txt", "QA\tK AH\n");
        program.Write("phones.txt", "AB\tZH\n");
        await File.WriteAllBytesAsync(program.File("binary.txt"), [0x41, 0x09, 0xff, 0xfe, 0x0a]);
        var good = program.Write("good.txt", "AB\tAH B\nBA\tB AH\nABB\tAH B\n");
        var model = program.File("model.safetensors");
        Assert.Equal(0, await program.Run(["train", "--train", good, "--epochs", "1", "--save", model, .. Small]));

        var whole = await File.ReadAllBytesAsync(model);
        await File.WriteAllBytesAsync(program.File("cut.safetensors"), whole[..^10]);
        using var file = SafetensorsFile.Open(model);
        var weights = file.Entries.Keys.ToDictionary(name => name, name => file.Read(name));
        SafetensorsFile.Write(program.File("nosettings.safetensors"), weights);
        SafetensorsFile.Write(program.File("badsettings.safetensors"), weights, new Dictionary<string, string> { ["settings"] = "{\"letters\":[]}" });
        var settings = file.Metadata["settings"];
        SafetensorsFile.Write(program.File("nullsettings.safetensors"), weights, new Dictionary<string, string> { ["settings"] = settings.Replace("\"nGrams\":[]", "\"nGrams\":null", StringComparison.Ordinal) });
        weights["bridge.hidden.bias"] = TorchSharp.torch.zeros(3);
        SafetensorsFile.Write(program.File("reshaped.safetensors"), weights, file.Metadata);
    }
}
