using ContextAware.Transformers;

namespace ContextAware.Models.LanguageModels;

/// <summary>The sizes and parts of a <see cref="DecoderOnlyModel"/>.</summary>
public sealed record DecoderOnlyOptions
{
    /// <summary>V: how many tokens there are.</summary>
    public required long Vocabulary { get; init; }

    /// <summary>D: the width of the vectors.</summary>
    public required long Width { get; init; }

    /// <summary>How many layers.</summary>
    public required long Layers { get; init; }

    /// <summary>H: how many heads, a divisor of D.</summary>
    public required long Heads { get; init; }

    /// <summary>G: how many key-value heads, a divisor of H; null: H.</summary>
    public long? KeyValueHeads { get; init; }

    /// <summary>F: the width between the products of the feed-forward network.</summary>
    public required long HiddenWidth { get; init; }

    /// <summary>The longest text, in tokens.</summary>
    public required long Context { get; init; }

    /// <summary>What normalises.</summary>
    public NormKind Norm { get; init; }

    /// <summary>ε of the norms.</summary>
    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>The activation of the feed-forward network.</summary>
    public Activation Activation { get; init; } = Activation.GeluTanh;

    /// <summary>Whether the feed-forward network has a gate.</summary>
    public bool Gated { get; init; }

    /// <summary>Whether projections and feed-forward networks have biases.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Rotary positions; null: a learned vector for each position.</summary>
    public RotaryOptions? Rotary { get; init; }

    /// <summary>Whether the output head is the embedding.</summary>
    public bool TiedHead { get; init; } = true;

    /// <summary>The share dropped in training after embeddings, in attention weights and before each addition.</summary>
    public double Dropout { get; init; }

    /// <summary>
    /// The parts of GPT-2 (Radford et al. 2019): layer norms, learned positions, GELU in its tanh form, biases, a tied head.
    /// </summary>
    /// <param name="vocabulary">V; 50,257 as published.</param>
    /// <param name="width">D.</param>
    /// <param name="layers">How many layers.</param>
    /// <param name="heads">H.</param>
    /// <param name="context">The longest text.</param>
    public static DecoderOnlyOptions Gpt2(long vocabulary = 50_257, long width = 768, long layers = 12, long heads = 12, long context = 1024) => new()
    {
        Vocabulary = vocabulary,
        Width = width,
        Layers = layers,
        Heads = heads,
        HiddenWidth = 4 * width,
        Context = context,
    };

    /// <summary>
    /// The parts of Llama (Touvron et al. 2023): RMS norms, rotary positions, a network gated by SiLU, no biases, a head of its
    /// own. <c>with</c> changes what a later one has otherwise: grouped heads, another base of the wave lengths, a tied head.
    /// </summary>
    /// <param name="vocabulary">V.</param>
    /// <param name="width">D.</param>
    /// <param name="layers">How many layers.</param>
    /// <param name="heads">H.</param>
    /// <param name="hiddenWidth">F.</param>
    /// <param name="context">The longest text.</param>
    public static DecoderOnlyOptions Llama(long vocabulary, long width, long layers, long heads, long hiddenWidth, long context) => new()
    {
        Vocabulary = vocabulary,
        Width = width,
        Layers = layers,
        Heads = heads,
        HiddenWidth = hiddenWidth,
        Context = context,
        Norm = NormKind.Rms,
        Activation = Activation.Silu,
        Gated = true,
        Bias = false,
        Rotary = new(),
        TiedHead = false,
    };

    /// <summary>Throws for sizes that the parts would not check themselves.</summary>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Vocabulary);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Layers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Heads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Context);
        if (Width % Heads != 0)
            throw new ArgumentException($"Expected a number of heads that divides the width {Width}, got {Heads}.", nameof(Heads));
        if (!Enum.IsDefined(Norm))
            throw new ArgumentOutOfRangeException(nameof(Norm), Norm, $"Expected a norm that exists, got {Norm}.");
    }
}
