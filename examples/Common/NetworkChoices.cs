using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ContextAware.Models.Seq2Seq;

namespace Examples.Common;

/// <summary>The options of a command line that say what network to make.</summary>
public sealed class NetworkChoices
{
    private readonly Option<string> network = CommonOptions.Choice("--network", "Recurrent, or a transformer.", "recurrent", "transformer");
    private readonly Option<int> hidden;
    private readonly Option<int> embedding;
    private readonly Option<int> layers = CommonOptions.Count("--layers", "How many layers the encoder has.", 1);
    private readonly Option<string> cell;
    private readonly Option<string> decoder = CommonOptions.Choice("--decoder", "When the decoder looks at the source: before a step, after it (with what it saw fed in or not), as in Google's translation system, or never.", "bahdanau", "luong", "luong-input-feeding", "google", "plain");
    private readonly Option<int> decoderLayers = CommonOptions.Count("--decoder-layers", "How many layers the decoder has.", 1);
    private readonly Option<int> heads = CommonOptions.Count("--heads", "How many heads the transformer has.", 4);
    private readonly Option<string> positions = CommonOptions.Choice("--positions", "How the transformer learns where a symbol stands: sines, vectors turned, a learned bias for each distance, or distant scores lowered.", "sinusoidal", "rotary", "relative", "alibi");
    private readonly Option<double> dropout = CommonOptions.Number("--dropout", "The part to leave out at random while learning. Without it: 0, or that of the loaded model.", 0.0, n => n is >= 0 and < 1, "a number from 0 up to but not including 1");

    /// <summary>Makes the options.</summary>
    /// <param name="defaults">The cell and the widths where nothing is said.</param>
    public NetworkChoices(NetworkSettings defaults)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        hidden = CommonOptions.Count("--hidden", "The width of the network.", defaults.Hidden, least: 2);
        embedding = CommonOptions.Count("--embedding", "The width of a symbol's vector.", defaults.Embedding);
        cell = CommonOptions.Choice("--cell", "The kind of recurrent cell.", defaults.Cell == CellKind.Gru ? ["gru", "lstm"] : ["lstm", "gru"]);
    }

    private IReadOnlyList<Option> RecurrentOnly => [embedding, cell, decoder];

    /// <summary>Gives a command the options.</summary>
    public void AddTo(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        foreach (var option in new Option[] { network, hidden, embedding, layers, cell, decoder, decoderLayers, heads, positions, dropout }) command.Options.Add(option);
    }

    /// <summary>What a command line says.</summary>
    /// <exception cref="UserException">An option goes with the other kind of network.</exception>
    public NetworkSettings Read(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        var kind = Enum.Parse<NetworkKind>(parsed.GetRequiredValue(network), ignoreCase: true);
        IReadOnlyList<Option> others = kind == NetworkKind.Transformer ? RecurrentOnly : [heads, positions];
        if (others.FirstOrDefault(parsed.IsGiven) is { } other)
            throw new UserException($"{other.Name} doesn't go with --network {parsed.GetValue(network)}.");
        if (kind == NetworkKind.Transformer && parsed.GetValue(hidden) % parsed.GetValue(heads) != 0)
            throw new UserException($"--heads must divide --hidden, {parsed.GetValue(hidden)}; {parsed.GetValue(heads)} does not.");
        if (kind == NetworkKind.Transformer && parsed.GetRequiredValue(positions) == "rotary" && parsed.GetValue(hidden) / parsed.GetValue(heads) % 2 != 0)
            throw new UserException($"--positions rotary needs heads of even width; {parsed.GetValue(hidden)} over {parsed.GetValue(heads)} heads is {parsed.GetValue(hidden) / parsed.GetValue(heads)}.");
        return new()
        {
            Network = kind,
            Cell = Enum.Parse<CellKind>(parsed.GetRequiredValue(cell), ignoreCase: true),
            Hidden = parsed.GetValue(hidden),
            Embedding = parsed.GetValue(embedding),
            Layers = parsed.GetValue(layers),
            Decoder = Enum.Parse<DecoderKind>(parsed.GetRequiredValue(decoder).Replace("-", "", StringComparison.Ordinal), ignoreCase: true),
            DecoderLayers = parsed.GetValue(decoderLayers),
            Heads = parsed.GetValue(heads),
            Positions = Enum.Parse<PositionKind>(parsed.GetRequiredValue(positions), ignoreCase: true),
            Dropout = parsed.GetValue(dropout),
        };
    }

    /// <summary>The dropout, if a command line says one.</summary>
    public double? GivenDropout(ParseResult parsed) => parsed.IsGiven(dropout) ? parsed.GetValue(dropout) : null;

    /// <summary>Finds out whether a command line asks for another network than the one that is there. Dropout may be another.</summary>
    /// <exception cref="UserException">It does.</exception>
    public void RefuseOther(ParseResult parsed, NetworkSettings loaded)
    {
        ArgumentNullException.ThrowIfNull(loaded);
        var asked = Read(parsed);
        Refuse(network, asked.Network, loaded.Network);
        Refuse(hidden, asked.Hidden, loaded.Hidden);
        Refuse(embedding, asked.Embedding, loaded.Embedding);
        Refuse(layers, asked.Layers, loaded.Layers);
        Refuse(cell, asked.Cell, loaded.Cell);
        Refuse(decoder, asked.Decoder, loaded.Decoder);
        Refuse(decoderLayers, asked.DecoderLayers, loaded.DecoderLayers);
        Refuse(heads, asked.Heads, loaded.Heads);
        Refuse(positions, asked.Positions, loaded.Positions);

        void Refuse<T>(Option option, T wanted, T has)
        {
            if (parsed.IsGiven(option) && !Equals(wanted, has))
                throw new UserException($"The loaded model has {option.Name} {Text(has)}, not {Text(wanted)}; leave {option.Name} out.");
        }

        static string Text<T>(T value) => value is Enum ? JsonNamingPolicy.KebabCaseLower.ConvertName($"{value}") : string.Create(CultureInfo.InvariantCulture, $"{value}");
    }
}
