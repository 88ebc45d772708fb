using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ContextAware.Models.Seq2Seq;

namespace Examples.Common;

/// <summary>The options of a command line that say what network to make.</summary>
public sealed class NetworkChoices
{
    private const int MostLayers = 100;

    private readonly Option<string> network = CommonOptions.Choice("--network", "Recurrent, or a transformer.", "recurrent", "transformer");
    private readonly Option<int> hidden;
    private readonly Option<int> embedding;
    private readonly Option<int> layers = CommonOptions.Count("--layers", "How many layers the encoder has.", 1, most: MostLayers);
    private readonly Option<string> cell;
    private readonly Option<string> decoder = CommonOptions.Choice("--decoder", "When a recurrent decoder looks at the source: before a step (bahdanau), after it (luong), after it with what it saw fed into the next step (luong-input-feeding), as in Google's translation system (google), never (plain).", "bahdanau", "luong", "luong-input-feeding", "google", "plain");
    private readonly Option<int> decoderLayers = CommonOptions.Count("--decoder-layers", "How many layers the decoder has.", 1, most: MostLayers);
    private readonly Option<int> heads = CommonOptions.Count("--heads", "How many heads the transformer has.", 4);
    private readonly Option<string> positions = CommonOptions.Choice("--positions", "How the transformer learns where a symbol stands: sines are added (sinusoidal), vectors turned (rotary), a bias learned for each distance (relative), distant scores lowered (alibi).", "sinusoidal", "rotary", "relative", "alibi");
    private readonly Option<int[]> ngrams = CommonOptions.Counts("--ngrams", "Lengths of the groups of neighbouring symbols that the transformer looks up in tables besides each symbol: --ngrams 3 4 5, say. A loaded transformer that has no tables gets them, full of zeros.", NGramOptions.Longest);
    private readonly Option<double> ngramDropout = CommonOptions.Number("--ngram-dropout", "The part of those groups to leave out at random while learning.", new NetworkSettings().NGramDropout, n => n is >= 0 and < 1, "a number from 0 up to but not including 1");
    private readonly Option<double> ngramsFrom = CommonOptions.Number("--ngrams-from", "The part of the training in which the network learns without those groups, before it begins to learn them: 0.3, say.", 0.0, n => n is >= 0 and < 1, "a number from 0 up to but not including 1");
    private readonly Option<double> dropout = CommonOptions.Number("--dropout", "The part to leave out at random while learning. Without it: 0, or that of the loaded model.", 0.0, n => n is >= 0 and < 1, "a number from 0 up to but not including 1");

    /// <summary>Makes the options.</summary>
    /// <param name="defaults">The cell and the widths where nothing is said.</param>
    public NetworkChoices(NetworkSettings defaults)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        hidden = CommonOptions.Count("--hidden", "The width of the network.", defaults.Hidden, least: 2, most: CommonOptions.WidestNetwork);
        embedding = CommonOptions.Count("--embedding", "The width of a symbol's vector in a recurrent network; in a transformer it is --hidden.", defaults.Embedding, most: CommonOptions.WidestNetwork);
        cell = CommonOptions.Choice("--cell", "The kind of cell of a recurrent network.", defaults.Cell == CellKind.Gru ? ["gru", "lstm"] : ["lstm", "gru"]);
    }

    /// <summary>Gives a command the options.</summary>
    public void AddTo(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        foreach (var option in new Option[] { network, hidden, embedding, layers, cell, decoder, decoderLayers, heads, positions, ngrams, ngramDropout, ngramsFrom, dropout }) command.Options.Add(option);
    }

    /// <summary>What a command line says.</summary>
    /// <exception cref="UserException">An option goes with the other kind of network, or two don't go together.</exception>
    public NetworkSettings Read(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        var asked = Parse(parsed);
        RefuseForeign(parsed, asked.Network);
        if (asked.Network == NetworkKind.Transformer && asked.Hidden % asked.Heads != 0)
            throw new UserException($"--heads must divide --hidden, {asked.Hidden}; {asked.Heads} does not.");
        if (asked.Network == NetworkKind.Transformer && asked.Positions == PositionKind.Rotary && asked.Hidden / asked.Heads % 2 != 0)
            throw new UserException($"--positions rotary needs heads of even width; {asked.Hidden} over {asked.Heads} heads is {asked.Hidden / asked.Heads}.");
        if (asked.NGrams.Count == 0 && parsed.IsGiven(ngramDropout))
            throw new UserException("--ngram-dropout needs --ngrams: the groups to leave out.");
        if (asked.NGrams.Count == 0 && parsed.IsGiven(ngramsFrom))
            throw new UserException("--ngrams-from needs --ngrams: the groups to begin with later.");
        return asked;
    }

    /// <summary>The part of the training in which a network learns without n-grams.</summary>
    public double NGramsFrom(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return parsed.GetValue(ngramsFrom);
    }

    /// <summary>A loaded network's settings, with another dropout where a command line says one.</summary>
    public T Redropped<T>(ParseResult parsed, T loaded)
        where T : NetworkSettings
    {
        ArgumentNullException.ThrowIfNull(loaded);
        NetworkSettings settings = loaded;
        return (T)(settings with
        {
            Dropout = parsed.IsGiven(dropout) ? parsed.GetValue(dropout) : loaded.Dropout,
            NGramDropout = parsed.IsGiven(ngramDropout) ? parsed.GetValue(ngramDropout) : loaded.NGramDropout,
        });
    }

    /// <summary>A loaded network's settings, with n-grams where a command line asks for them and the network has none; else the same object.</summary>
    public T WithNGrams<T>(ParseResult parsed, T loaded)
        where T : NetworkSettings
    {
        ArgumentNullException.ThrowIfNull(loaded);
        if (!AddsNGrams(parsed, loaded)) return loaded;
        var asked = Parse(parsed);
        NetworkSettings settings = loaded;
        return (T)(settings with { NGrams = asked.NGrams, NGramDropout = asked.NGramDropout });
    }

    /// <summary>Finds out whether a command line asks for another network than the one that is there. Dropout may be another, and n-grams may be new.</summary>
    /// <exception cref="UserException">It does.</exception>
    public void RefuseOther(ParseResult parsed, NetworkSettings loaded)
    {
        ArgumentNullException.ThrowIfNull(loaded);
        var asked = Parse(parsed);
        Refuse(network, asked.Network, loaded.Network);
        RefuseForeign(parsed, loaded.Network);
        Refuse(hidden, asked.Hidden, loaded.Hidden);
        Refuse(embedding, asked.Embedding, loaded.Embedding);
        Refuse(layers, asked.Layers, loaded.Layers);
        Refuse(cell, asked.Cell, loaded.Cell);
        Refuse(decoder, asked.Decoder, loaded.Decoder);
        Refuse(decoderLayers, asked.DecoderLayers, loaded.DecoderLayers);
        Refuse(heads, asked.Heads, loaded.Heads);
        Refuse(positions, asked.Positions, loaded.Positions);
        if (AddsNGrams(parsed, loaded)) return;
        Refuse(ngrams, Text(asked.NGrams), Text(loaded.NGrams));
        if (loaded.NGrams.Count == 0 && parsed.IsGiven(ngramDropout))
            throw new UserException("The loaded model looks up no n-grams; leave --ngram-dropout out.");
        if (parsed.IsGiven(ngramsFrom))
            throw new UserException($"The loaded model {(loaded.NGrams.Count == 0 ? "looks up no n-grams" : "has learned n-grams already")}; leave --ngrams-from out.");

        void Refuse<T>(Option option, T wanted, T has)
        {
            if (parsed.IsGiven(option) && !Equals(wanted, has))
                throw new UserException($"The loaded model has {option.Name} {Text(has)}, not {Text(wanted)}; leave {option.Name} out.");
        }

        static string Text<T>(T value) => value switch
        {
            IReadOnlyList<int> numbers => numbers.Count == 0 ? "none" : string.Join(' ', numbers),
            Enum => JsonNamingPolicy.KebabCaseLower.ConvertName($"{value}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
        };
    }

    private bool AddsNGrams(ParseResult parsed, NetworkSettings loaded) =>
        loaded.Network == NetworkKind.Transformer && loaded.NGrams.Count == 0 && parsed.IsGiven(ngrams);

    private void RefuseForeign(ParseResult parsed, NetworkKind kind)
    {
        IReadOnlyList<Option> others = kind == NetworkKind.Transformer ? [embedding, cell, decoder] : [heads, positions, ngrams, ngramDropout, ngramsFrom];
        if (others.FirstOrDefault(parsed.IsGiven) is { } other)
            throw new UserException($"{other.Name} doesn't go with --network {JsonNamingPolicy.KebabCaseLower.ConvertName($"{kind}")}.");
    }

    private NetworkSettings Parse(ParseResult parsed) => new()
    {
        Network = Enum.Parse<NetworkKind>(parsed.GetRequiredValue(network), ignoreCase: true),
        Cell = Enum.Parse<CellKind>(parsed.GetRequiredValue(cell), ignoreCase: true),
        Hidden = parsed.GetValue(hidden),
        Embedding = parsed.GetValue(embedding),
        Layers = parsed.GetValue(layers),
        Decoder = Enum.Parse<DecoderKind>(parsed.GetRequiredValue(decoder).Replace("-", "", StringComparison.Ordinal), ignoreCase: true),
        DecoderLayers = parsed.GetValue(decoderLayers),
        Heads = parsed.GetValue(heads),
        Positions = Enum.Parse<PositionKind>(parsed.GetRequiredValue(positions), ignoreCase: true),
        NGrams = parsed.GetValue(ngrams) ?? [],
        NGramDropout = parsed.GetValue(ngramDropout),
        Dropout = parsed.GetValue(dropout),
    };
}
