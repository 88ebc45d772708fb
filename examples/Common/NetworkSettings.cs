using ContextAware.Models.Decoding;
using ContextAware.Models.Seq2Seq;
using static TorchSharp.torch;

namespace Examples.Common;

/// <summary>The network of a program that turns sequences into others, and its sizes.</summary>
public record NetworkSettings
{
    /// <summary>Recurrent, or a transformer.</summary>
    public NetworkKind Network { get; init; }

    /// <summary>GRU or LSTM; a transformer has no cells.</summary>
    public CellKind Cell { get; init; } = CellKind.Gru;

    /// <summary>The width of the decoder's state, of which each direction of the encoder has half; of a transformer, the width of everything.</summary>
    public int Hidden { get; init; } = 256;

    /// <summary>The width of a symbol's vector; in a transformer it is as wide as everything.</summary>
    public int Embedding { get; init; } = 64;

    /// <summary>How many layers the encoder has.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>When a recurrent decoder looks at the source; plain never does.</summary>
    public DecoderKind Decoder { get; init; } = DecoderKind.Bahdanau;

    /// <summary>How many layers the decoder has.</summary>
    public int DecoderLayers { get; init; } = 1;

    /// <summary>How many heads a transformer has.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>How a transformer learns where a symbol stands.</summary>
    public PositionKind Positions { get; init; }

    /// <summary>The lengths of the n-grams of the source that a transformer looks up besides its symbols; none by default.</summary>
    public IReadOnlyList<int> NGrams { get; init; } = [];

    /// <summary>The part of the n-grams that are left out while training.</summary>
    public double NGramDropout { get; init; } = new NGramOptions().Dropout;

    /// <summary>Dropout while training.</summary>
    public double Dropout { get; init; }

    /// <summary>Whether it looks at the source while it writes.</summary>
    internal bool Attends => Network == NetworkKind.Transformer || Decoder != DecoderKind.Plain;

    /// <summary>The network in a few words.</summary>
    public sealed override string ToString() =>
        Network == NetworkKind.Transformer ? $"transformer {Hidden}, {Layers}+{DecoderLayers} layers, {Heads} heads, {Positions} positions{(NGrams.Count == 0 ? "" : $", n-grams of {string.Join(", ", NGrams)}")}" : $"{Decoder} {Cell} {Hidden}, {Layers}+{DecoderLayers} layers";

    /// <summary>Holds the sizes against stored weights.</summary>
    /// <param name="stored">The weights.</param>
    /// <param name="sources">How many symbols are read.</param>
    /// <param name="targets">How many symbols are written.</param>
    /// <exception cref="InvalidDataException">A size is another than the weights'.</exception>
    protected void CheckAgainst(StoredShapes stored, int sources, int targets) => NetworkShapes.Check(this, stored, sources, targets);

    /// <summary>Makes the network, which has learned nothing.</summary>
    /// <param name="sources">How many numbers there are for sources.</param>
    /// <param name="targets">How many numbers there are for targets.</param>
    /// <returns>The same network, as what is trained and as what writes.</returns>
    internal (nn.Module<Tensor, Tensor, Tensor, bool, DecoderOutput> Module, ISequenceModel Writer) Create(long sources, long targets)
    {
        if (Network == NetworkKind.Transformer)
        {
            var transformer = new TransformerSeq2Seq(new()
            {
                SourceVocabulary = sources,
                TargetVocabulary = targets,
                Width = Hidden,
                Heads = Heads,
                EncoderLayers = Layers,
                DecoderLayers = DecoderLayers,
                Positions = Positions,
                SourceNGrams = NGrams.Count == 0 ? null : new() { Lengths = NGrams, Dropout = NGramDropout },
                Dropout = Dropout,
            });
            return (transformer, transformer);
        }

        var recurrent = new RecurrentSeq2Seq(new()
        {
            SourceVocabulary = sources,
            TargetVocabulary = targets,
            Cell = Cell,
            EmbeddingWidth = Embedding,
            HiddenWidth = Hidden,
            EncoderLayers = Layers,
            Decoder = Decoder,
            DecoderLayers = DecoderLayers,
            Dropout = Dropout,
        });
        return (recurrent, recurrent);
    }
}
