using Ask.Commands;
using Caption.Commands;
using ContextAware.Interop;
using ContextAware.Models.Seq2Seq;
using Examples.Common;
using Pronounce.Commands;
using Pronounce.Speech;
using Scan.Language;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Common;

public sealed class ModelFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("models").FullName;

    public static TheoryData<NetworkSettings> Networks => [.. RecurrentNetworks(), .. Transformers()];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("\"hidden\":256", "\"hidden\":2147483646")]
    [InlineData("\"hidden\":256", "\"hidden\":30000")]
    [InlineData("\"hidden\":256", "\"hidden\":-256")]
    [InlineData("\"embedding\":64", "\"embedding\":2147483647")]
    [InlineData("\"layers\":2", "\"layers\":2147483647")]
    [InlineData("\"decoderLayers\":1", "\"decoderLayers\":2147483647")]
    [InlineData("\"cell\":\"gru\"", "\"cell\":\"lstm\"")]
    [InlineData("\"cell\":\"gru\"", "\"cell\":1")]
    [InlineData("\"stress\"", "\"network\":7,\"stress\"")]
    [InlineData("\"stress\"", "\"network\":\"transformer\",\"stress\"")]
    [InlineData("\"phones\":[", "\"phones\":[\"XX\",")]
    [InlineData("\"phones\":[", "\"phones\":null,\"more\":[")]
    [InlineData("\"phones\":[", "\"phones\":[\"\\ud800\",")]
    public async Task Settings_of_a_pronouncer_that_its_weights_do_not_bear_out_are_refused(string written, string instead)
    {
        using var carried = typeof(PronounceCommand).Assembly.GetManifestResourceStream("model")!;
        var original = Path.Combine(folder, "original.safetensors");
        await using (var copy = File.Create(original)) await carried.CopyToAsync(copy, TestContext.Current.CancellationToken);
        await ExpectRefusal(new(PronounceCommand.RunAsync), original, written, instead, "evaluate");
    }

    [Theory]
    [InlineData("\"side\":75", "\"side\":2147483647")]
    [InlineData("\"side\":75", "\"side\":100000")]
    [InlineData("\"side\":75", "\"side\":0")]
    [InlineData("[24,32,48,64]", "[2147483647,2147483647,2147483647,2147483647]")]
    [InlineData("[24,32,48,64]", "[]")]
    [InlineData("[24,32,48,64]", "null")]
    [InlineData("[24,32,48,64]", "[24,32,48,64,1,1,1,1]")]
    [InlineData("\"question\":64", "\"question\":2147483647")]
    [InlineData("\"hidden\":128", "\"hidden\":200000")]
    [InlineData("\"maps\":6", "\"maps\":2147483647")]
    [InlineData("\"maps\":6,\"stacked\":false", "\"maps\":2147483647,\"stacked\":true")]
    public Task Settings_of_an_asker_that_its_weights_do_not_bear_out_are_refused(string written, string instead) =>
        ExpectRefusal(new(AskCommand.RunAsync), Carried("ask"), written, instead, "show", "--page", Path.Combine(folder, "page.html"));

    [Theory]
    [InlineData("\"hidden\":192", "\"hidden\":200000")]
    [InlineData("\"embedding\":32", "\"embedding\":2147483647")]
    [InlineData("\"attention\":96", "\"attention\":2147483647")]
    [InlineData("[16,32,64,126]", "[2147483647,2147483647,2147483647,2147483647]")]
    [InlineData("[16,32,64,126]", "[16,32,64,100]")]
    public Task Settings_of_a_captioner_that_its_weights_do_not_bear_out_are_refused(string written, string instead) =>
        ExpectRefusal(new(CaptionCommand.RunAsync), Carried("caption"), written, instead, "show", "--page", Path.Combine(folder, "page.html"));

    [Theory]
    [MemberData(nameof(Networks), DisableDiscoveryEnumeration = true)]
    public void Every_network_that_can_be_made_is_read_again(NetworkSettings network)
    {
        var path = Path.Combine(folder, "translator.safetensors");
        var settings = new TranslatorSettings(network) { Words = ["walk", "run"], Actions = ["I_WALK", "I_RUN", "I_LOOK"] };
        string[] written;
        using (var translator = new Translator(settings, CPU))
        {
            translator.Save(path);
            written = Say(translator);
        }

        using var again = Translator.Load(path, CPU);
        Assert.Equal(written, Say(again));
        Assert.Equal($"{network}", $"{again.Settings}");
    }

    [Fact]
    public void The_carried_models_are_read()
    {
        using var pronouncer = Pronouncer.Load(null, CPU);
        using var asker = global::Ask.Answering.Asker.Load(Carried("ask"));
        using var captioner = global::Caption.Writing.Captioner.Load(Carried("caption"));
        Assert.Equal((CellKind.Gru, 75, 192), (pronouncer.Settings.Cell, asker.Settings.Side, captioner.Settings.Hidden));
    }

    private static IEnumerable<NetworkSettings> RecurrentNetworks() =>
        from cell in Enum.GetValues<CellKind>()
        from decoder in Enum.GetValues<DecoderKind>()
        from layers in new[] { 1, 2 }
        select new NetworkSettings { Cell = cell, Decoder = decoder, Hidden = 9 + layers, Embedding = 3, Layers = layers, DecoderLayers = (2 * layers) - 1 };

    private static IEnumerable<NetworkSettings> Transformers() =>
        from positions in Enum.GetValues<PositionKind>()
        from ngrams in new int[][] { [], [2, 3, 9] }
        select new NetworkSettings { Network = NetworkKind.Transformer, Positions = positions, Hidden = 8, Heads = 2, Layers = 2, NGrams = ngrams };

    private static string[] Say(Translator translator) =>
        translator.Translate([["walk", "run"]], cancellation: TestContext.Current.CancellationToken)[0].Actions;

    private static string Carried(string program) => Path.Combine(AppContext.BaseDirectory, "model", $"{program}.safetensors");

    private async Task ExpectRefusal(CommandLine program, string original, string written, string instead, params string[] command)
    {
        using var running = program;
        var path = Path.Combine(folder, "hostile.safetensors");
        using (var scope = NewDisposeScope())
        using (var file = SafetensorsFile.Open(original))
        {
            Assert.Contains(written, file.Metadata["settings"]);
            var settings = file.Metadata["settings"].Replace(written, instead, StringComparison.Ordinal);
            SafetensorsFile.Write(path, file.Entries.Keys.ToDictionary(name => name, name => file.Read(name)), new Dictionary<string, string> { ["settings"] = settings });
        }

        Assert.Contains($"Can't load the model {path}: ", await running.Fail([.. command, "--load", path]));
    }
}
