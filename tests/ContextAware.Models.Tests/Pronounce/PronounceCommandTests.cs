using System.Globalization;
using ContextAware.Testing;
using Pronounce.Commands;
using Pronounce.Speech;
using Pronounce.Words;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Pronounce;

public sealed class PronounceCommandTests : IDisposable
{
    private static readonly string[] Small = ["--hidden", "32", "--embedding", "16", "--batch", "16", "--rate", "0.01"];

    private readonly CommandLine program = new(PronounceCommand.RunAsync);

    private string Model => program.File("model.safetensors");

    public void Dispose() => program.Dispose();

    [Fact]
    public async Task It_learns_and_is_judged_and_speaks_and_draws()
    {
        var train = program.WriteEasyWords("train.txt", 400, seed: 1);
        var test = program.WriteEasyWords("test.txt", 40, seed: 2);
        Assert.Equal(0, await program.Run(["train", "--train", train, "--test", test, "--epochs", "16", "--save", Model, .. Small]));
        Assert.Contains("words to learn", program.Output);
        Assert.Contains("epoch 16", program.Output);
        Assert.Contains("dev PER", program.Output);
        Assert.Contains($"Saved {Model}", program.Output);
        Assert.Equal("", program.Error);

        Assert.Equal(0, await program.Run("evaluate", "--load", Model, "--test", test));
        Assert.Matches(@"^WER [0-9.]+% PER [0-9.]+% on [0-9]+ words\r?\n$", program.Output);
        Assert.True(double.Parse(program.Output.Split(' ')[3].TrimEnd('%')) < 10, program.Output);

        Assert.Equal(0, await program.Run("say", "bead", "--load", Model, "--map", program.File("bead.svg")));
        Assert.StartsWith("bead  B EH AH D", program.Output);
        Assert.Contains("end", program.Output);
        Assert.Contains("<svg", File.ReadAllText(program.File("bead.svg")));

        Assert.Equal(0, await program.Run("say", "bead", "dab", "--beam", "3", "--load", Model, "--map", program.File("two.html")));
        Assert.Contains("dab  D AH B", program.Output);
        Assert.Contains("<html", File.ReadAllText(program.File("two.html")));
    }

    [Theory]
    [InlineData("gru")]
    [InlineData("lstm")]
    public async Task The_same_seed_gives_the_same_model_and_another_seed_another(string cell)
    {
        var train = program.WriteEasyWords("train.txt", 60, seed: 1);
        foreach (var (name, seed) in new[] { ("a", "1"), ("b", "1"), ("c", "2") })
            Assert.Equal(0, await program.Run(["train", "--train", train, "--epochs", "2", "--cell", cell, "--seed", seed, "--save", program.File(name), .. Small]));
        var files = new[] { "a", "b", "c" }.Select(name => Convert.ToHexString(File.ReadAllBytes(program.File(name)))).ToArray();
        Assert.Equal(files[0], files[1]);
        Assert.NotEqual(files[0], files[2]);
    }

    [Fact]
    public async Task Training_goes_on_from_a_model_and_keeps_its_settings()
    {
        var train = program.Write("train.txt", "AB\tAH0 B\nBA\tB AH1\nABBA\tAH1 B AH0\nB\tB\nBAB\tB AH1 B\n");
        Assert.Equal(0, await program.Run(["train", "--train", train, "--stress", "--epochs", "1", "--save", Model, .. Small]));
        Assert.Equal(0, await program.Run("train", "--train", train, "--load", Model, "--epochs", "60", "--rate", "0.02", "--save", Model));
        Assert.Equal(0, await program.Run("say", "abba", "--load", Model));
        Assert.StartsWith("abba  AH1 B AH0", program.Output);
    }

    [Fact]
    public async Task A_loaded_model_keeps_its_dropout_unless_it_is_given_another()
    {
        var train = program.WriteEasyWords("train.txt", 60, seed: 1);
        Assert.Equal(0, await program.Run(["train", "--train", train, "--epochs", "1", "--dropout", "0.25", "--save", Model, .. Small]));
        Assert.Equal(0.25, Dropout());
        Assert.Equal(0, await program.Run("train", "--train", train, "--load", Model, "--epochs", "1", "--save", Model));
        Assert.Equal(0.25, Dropout());
        Assert.Equal(0, await program.Run("train", "--train", train, "--load", Model, "--dropout", "0", "--epochs", "1", "--save", Model));
        Assert.Equal(0, Dropout());

        double Dropout()
        {
            using var model = Pronouncer.Load(Model, CPU);
            return model.Settings.Dropout;
        }
    }

    [Fact]
    public async Task A_transformer_can_look_up_n_grams_and_a_loaded_one_keeps_them()
    {
        var train = program.WriteEasyWords("train.txt", 60, seed: 1);
        Assert.Equal(0, await program.Run(
            "train", "--train", train, "--network", "transformer", "--hidden", "16", "--ngrams", "2", "3", "--ngram-dropout", "0.5", "--epochs", "1", "--save", Model));
        Assert.Contains("n-grams of 2, 3", program.Output.ReplaceLineEndings(" "));
        Assert.Equal(("2 3", 0.5), NGrams());
        Assert.Equal(0, await program.Run("train", "--train", train, "--load", Model, "--ngrams", "2", "3", "--epochs", "1", "--save", Model));
        Assert.Equal(("2 3", 0.5), NGrams());
        Assert.Equal(0, await program.Run("train", "--train", train, "--load", Model, "--ngram-dropout", "0.25", "--epochs", "1", "--save", Model));
        Assert.Equal(("2 3", 0.25), NGrams());
        Assert.Contains("has --ngrams 2 3, not 2 3 4; leave", await program.Fail("train", "--train", train, "--load", Model, "--ngrams", "2", "3", "4", "--save", Model));
        Assert.Contains("--cell doesn't go with --network transformer", await program.Fail("train", "--train", train, "--load", Model, "--cell", "gru", "--save", Model));
        Assert.Equal(0, await program.Run("evaluate", "--load", Model, "--test", train));

        (string Lengths, double Dropout) NGrams()
        {
            using var model = Pronouncer.Load(Model, CPU);
            return (string.Join(' ', model.Settings.NGrams), model.Settings.NGramDropout);
        }
    }

    [Fact]
    public async Task A_transformer_without_n_grams_gets_tables_of_zeros_and_goes_on_as_it_was()
    {
        var train = program.WriteEasyWords("train.txt", 60, seed: 1);
        Assert.Equal(0, await program.Run("train", "--train", train, "--network", "transformer", "--hidden", "16", "--epochs", "1", "--save", Model));
        using (var plain = Pronouncer.Load(Model, CPU))
        using (var wider = plain.WithNGrams(plain.Settings with { NGrams = [2, 3] }))
        {
            var (words, stop) = (new[] { "bad", "abed", "dabba" }, TestContext.Current.CancellationToken);
            Assert.Equal(plain.Pronounce(words, beam: 2, cancellation: stop).Select(said => said.Phones), wider.Pronounce(words, beam: 2, cancellation: stop).Select(said => said.Phones));
            Assert.True(wider.Network.ParameterCount > plain.Network.ParameterCount);
        }

        Assert.Equal(0, await program.Run("train", "--train", train, "--load", Model, "--ngrams", "2", "3", "--ngram-dropout", "0.4", "--epochs", "3", "--batch", "16", "--save", Model));
        using var taught = Pronouncer.Load(Model, CPU);
        Assert.Equal([2, 3], taught.Settings.NGrams);
        Assert.Equal(0.4, taught.Settings.NGramDropout);
        using var scope = NewDisposeScope();
        Assert.NotEqual(0, taught.Network.Module.state_dict()["source.ngrams.tables.0.weight"].abs().sum().item<float>());
    }

    [Theory]
    [InlineData("0.95", false)]     // most is over when the last step begins
    [InlineData("0.5", true)]
    public async Task N_grams_are_learned_in_the_later_part_of_a_training(string part, bool areLearned)
    {
        var train = program.WriteEasyWords("train.txt", 64, seed: 1);
        Assert.Equal(0, await program.Run(
            "train", "--train", train, "--network", "transformer", "--hidden", "16", "--ngrams", "2", "3", "--ngrams-from", part, "--epochs", "1", "--batch", "16", "--save", Model));
        using var taught = Pronouncer.Load(Model, CPU);
        using var scope = NewDisposeScope();
        Assert.Equal(areLearned, taught.Network.Module.state_dict()["source.ngrams.tables.0.weight"].abs().sum().item<float>() > 0);
        Assert.Contains("has learned n-grams already; leave --ngrams-from", await program.Fail("train", "--train", train, "--load", Model, "--ngrams-from", "0.5", "--save", Model));
    }

    [Fact]
    public async Task Parts_of_a_batch_at_once_are_as_many_as_asked_for()
    {
        var train = program.WriteEasyWords("train.txt", 60, seed: 1);
        foreach (var (name, parts) in new[] { ("a", "2"), ("b", "2"), ("c", "1") })
            Assert.Equal(0, await program.Run(["train", "--train", train, "--epochs", "2", "--at-once", parts, "--dropout", "0.1", "--save", program.File(name), .. Small]));
        Assert.Equal(0, await program.Run(["train", "--train", train, "--epochs", "2", "--dropout", "0.1", "--save", program.File("d"), .. Small]));
        var files = new[] { "a", "b", "c", "d" }.Select(name => Convert.ToHexString(File.ReadAllBytes(program.File(name)))).ToArray();
        Assert.Equal(files[0], files[1]);
        Assert.NotEqual(files[0], files[2]);
        Assert.Equal(files[0], files[3]);       // two on the CPU
    }

    [Fact]
    public async Task Stopping_keeps_what_was_learned()
    {
        var train = program.WriteEasyWords("train.txt", 400, seed: 1);
        Assert.Equal(130, await program.RunUntil("epoch 2", ["train", "--train", train, "--epochs", "1000000", "--save", Model, .. Small]));
        Assert.Contains("Stopped after", program.Output);
        Assert.Equal("", program.Error);
        Assert.Equal(0, await program.Run("evaluate", "--load", Model, "--test", train));
    }

    [Fact]
    public async Task Stopping_before_anything_is_learned_writes_nothing()
    {
        var train = program.WriteEasyWords("train.txt", 10, seed: 1);
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        Assert.Equal(130, await program.Run(stop.Token, ["train", "--train", train, "--epochs", "1", "--save", Model, .. Small]));
        Assert.False(File.Exists(Model));
    }

    [Fact]
    public async Task Without_a_model_it_speaks_with_the_one_it_carries()
    {
        Assert.Equal(0, await program.Run("say", "attention"));
        Assert.Matches(@"^attention  [A-Z ]+\n", program.Output.ReplaceLineEndings("\n"));
        var unseen = WordSets.Cmudict(keepStress: false).Test.Entries.Where((_, index) => index % 20 == 0).ToList();
        var test = program.Write("test.txt", string.Concat(unseen.SelectMany(entry => entry.Pronunciations.Select(phones => $"{entry.Word}\t{string.Join(' ', phones)}\n"))));
        Assert.Equal(0, await program.Run("evaluate", "--test", test, "--lengths", "--chart", program.File("lengths.svg")));
        Assert.Matches($"^WER [0-9.]+% PER [0-9.]+% on {unseen.Count} words", program.Output);
        Assert.True(double.Parse(program.Output.Split(' ')[3].TrimEnd('%')) < 12, program.Output);
        Assert.Contains("   7 letters: WER", program.Output);
        Assert.Contains("Word error rate by length", File.ReadAllText(program.File("lengths.svg")));
        using var carried = typeof(PronounceCommand).Assembly.GetManifestResourceStream("model");
        Assert.InRange(carried!.Length, 1, 8 << 20);
    }

    [Fact]
    public async Task Models_speak_together()
    {
        var train = program.WriteEasyWords("train.txt", 400, seed: 1);
        string[] models = [program.File("gru.safetensors"), program.File("transformer.safetensors")];
        Assert.Equal(0, await program.Run(["train", "--train", train, "--epochs", "4", "--save", models[0], .. Small]));
        Assert.Equal(0, await program.Run("train", "--train", train, "--epochs", "4", "--network", "transformer", "--hidden", "16", "--rate", "0.01", "--batch", "16", "--save", models[1]));
        var alone = new List<double>();
        foreach (var model in models)
        {
            Assert.Equal(0, await program.Run("evaluate", "--load", model, "--test", train, "--beam", "2"));
            alone.Add(PhoneErrors());
        }

        Assert.Equal(0, await program.Run(["evaluate", "--load", .. models, "--together", "--test", train, "--beam", "2", "--chart", program.File("both.svg")]));
        Assert.StartsWith("WER", program.Output);
        Assert.True(PhoneErrors() < alone.Max(), $"{string.Join(" and ", alone)} alone; together {program.Output}");
        Assert.Contains(">together<", File.ReadAllText(program.File("both.svg")));

        Assert.Equal(1, await program.Run("evaluate", "--load", models[0], "--together", "--test", train));
        Assert.Contains("--together needs several models after --load; there are 1", program.Error);
        Assert.Equal(1, await program.Run("evaluate", "--together", "--test", train));
        Assert.Contains("there are 0", program.Error);
        var other = program.Write("other.txt", "AB\tAH B\nBA\tB AH\nABB\tAH B\n");
        Assert.Equal(0, await program.Run(["train", "--train", other, "--epochs", "1", "--save", Model, .. Small]));
        Assert.Equal(1, await program.Run("evaluate", "--load", models[0], Model, "--together", "--test", other));
        Assert.Contains("they can't speak together", program.Error);

        double PhoneErrors() => double.Parse(program.Output.Split(' ')[3].TrimEnd('%'), CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Models_with_and_without_attention_are_compared_by_length()
    {
        var train = program.WriteEasyWords("train.txt", 400, seed: 1);
        foreach (var decoder in new[] { "bahdanau", "plain" })
            Assert.Equal(0, await program.Run(["train", "--train", train, "--epochs", "3", "--decoder", decoder, "--save", program.File($"{decoder}.safetensors"), .. Small]));
        Assert.Equal(0, await program.Run("evaluate", "--load", program.File("bahdanau.safetensors"), program.File("plain.safetensors"), "--test", train, "--lengths", "--chart", program.File("both.svg")));
        Assert.Contains("bahdanau: WER", program.Output);
        Assert.Contains("plain: WER", program.Output);
        var picture = File.ReadAllText(program.File("both.svg"));
        Assert.Contains(">bahdanau<", picture);
        Assert.Contains(">plain<", picture);

        Assert.Equal(0, await program.Run("say", "bead", "--load", program.File("plain.safetensors")));
        Assert.Matches(@"^bead  [A-Z ]+\n$", program.Output.ReplaceLineEndings("\n"));
        Assert.Equal(1, await program.Run("say", "bead", "--load", program.File("plain.safetensors"), "--map", program.File("bead.svg")));
        Assert.Contains("no attention to draw", program.Error);
        Assert.Equal(1, await program.Run("train", "--train", train, "--load", program.File("plain.safetensors"), "--decoder", "luong", "--save", Model));
        Assert.Contains("leave --decoder out", program.Error);
    }

    [Fact]
    public async Task Packing_halves_a_file_and_says_what_it_costs()
    {
        var (trained, packed) = (program.File("trained.safetensors"), program.File("packed.safetensors"));
        Assert.Equal(0, await program.Run(["train", "--minutes", "0.005", "--save", trained, .. Small]));
        Assert.Equal(0, await program.Run("pack", "--load", trained, "--save", packed));
        Assert.Matches(@"trained.*bytes, dev WER .*\n.*packed.*bytes, dev WER", program.Output.ReplaceLineEndings("\n"));
        Assert.InRange(new FileInfo(packed).Length / (double)new FileInfo(trained).Length, 0.4, 0.65);
        Assert.Equal(0, await program.Run("say", "hello", "--load", packed));
    }

    [Fact]
    public async Task A_development_or_test_word_is_never_learned()
    {
        var train = program.Write("train.txt", "AB\tAH B\nBA\tB AH\n");
        var dev = program.Write("dev.txt", "AB\tAH B\n");
        Assert.Equal(0, await program.Run(["train", "--train", train, "--dev", dev, "--epochs", "1", "--save", Model, .. Small]));
        Assert.Contains("1 words to learn (1 pronunciations), 1 dev", program.Output);
        Assert.Equal(1, await program.Run(["train", "--train", train, "--dev", dev, "--test", train, "--epochs", "1", "--save", Model, .. Small]));
        Assert.Contains("No words are left", program.Error);
    }

    [Fact]
    public async Task The_published_split_runs_unchanged()
    {
        var folder = SharedData.Unpack("g014b2b.tar.xz");
        var (train, test) = (Path.Combine(folder, "jg2p_g014b2b.train"), Path.Combine(folder, "jg2p_g014b2b.test"));
        Assert.Equal(0, await program.Run(["train", "--train", train, "--test", test, "--minutes", "0.02", "--save", Model, .. Small]));
        Assert.Matches("[0-9,]+ words to learn .* 12,000 test", program.Output);
    }

    [Theory]
    [InlineData("--help", "train", "evaluate", "say", "demo")]
    [InlineData("train --help", "--train", "--dev", "--test", "--device", "--seed", "--epochs", "--hidden", "--cell", "--save", "--load", "--stress")]
    [InlineData("train --help", "--folder", "--resume", "--optimizer", "--schedule", "--smoothing", "--average", "--patience", "--plateau", "--accumulate")]
    [InlineData("evaluate --help", "--test", "--load", "--lengths", "--chart", "--together", "any of its pronunciations")]
    [InlineData("pack --help", "--load", "--save", "16 bits")]
    [InlineData("say --help", "<word>", "--map", ".svg", ".html")]
    [InlineData("demo --help", "--minutes", "--folder")]
    public async Task Help_names_every_command_and_option(string line, params string[] parts)
    {
        Assert.Equal(0, await program.Run(line.Split(' ')));
        Assert.All(parts, part => Assert.Contains(part, program.Output));
    }
}
