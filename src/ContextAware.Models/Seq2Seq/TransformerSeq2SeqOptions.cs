using ContextAware.Transformers;

namespace ContextAware.Models.Seq2Seq;

/// <summary>The sizes and parts of a <see cref="TransformerSeq2Seq"/>: plain values, to be saved beside its weights.</summary>
public sealed record TransformerSeq2SeqOptions
{
    /// <summary>How many numbers the source vocabulary has.</summary>
    public required long SourceVocabulary { get; init; }

    /// <summary>How many numbers the target vocabulary has.</summary>
    public required long TargetVocabulary { get; init; }

    /// <summary>D, the width of the model.</summary>
    public long Width { get; init; } = 256;

    /// <summary>H, a divisor of D.</summary>
    public long Heads { get; init; } = 4;

    /// <summary>How many layers the encoder has.</summary>
    public int EncoderLayers { get; init; } = 2;

    /// <summary>How many layers the decoder has.</summary>
    public int DecoderLayers { get; init; } = 2;

    /// <summary>F, the inner width of the feed-forward networks; null takes 4·D.</summary>
    public long? FeedForwardWidth { get; init; }

    /// <summary>What bends the feed-forward networks.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>Whether the feed-forward networks have a gate.</summary>
    public bool Gated { get; init; }

    /// <summary>Whether norms come before the sublayers, which trains without a warm-up (Xiong et al. 2020), or after, as in the paper.</summary>
    public bool NormFirst { get; init; } = true;

    /// <summary>Whether the norms are <see cref="Transformers.RmsNorm"/> instead of LayerNorm.</summary>
    public bool RmsNorm { get; init; }

    /// <summary>How positions enter.</summary>
    public PositionKind Positions { get; init; } = PositionKind.Sinusoidal;

    /// <summary>The longest source or target, the start mark included; only learned positions have such a limit.</summary>
    public long MaximumLength { get; init; } = 512;

    /// <summary>Whether the last product takes the target symbols' vectors (Press and Wolf 2017) instead of weights of its own.</summary>
    public bool TieOutput { get; init; } = true;

    /// <summary>The n-grams of the source whose vectors are added to those of its symbols; null: none.</summary>
    public NGramOptions? SourceNGrams { get; init; }

    /// <summary>Dropout on the symbols' vectors and inside the layers.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>What the layers of both sides are made of.</summary>
    internal TransformerLayerOptions Layer(Attention.IPositionTransform? positions)
    {
        var (hidden, activation, dropout) = (FeedForwardWidth ?? 4 * Width, Activation, Dropout);
        return new()
        {
            FeedForwardWidth = hidden,
            Activation = activation,
            Dropout = dropout,
            NormFirst = NormFirst,
            Norm = RmsNorm ? width => new RmsNorm(width) : null,
            FeedForward = Gated ? width => new GatedFeedForward(width, hidden, activation, dropout) : null,
            Positions = positions,
        };
    }
}
