using ContextAware.Positions;

namespace ContextAware.Models.LanguageModels;

/// <summary>How rotary positions are made: see <see cref="RotaryEmbedding"/>.</summary>
public sealed record RotaryOptions
{
    /// <summary>The base of the wave lengths.</summary>
    public double Period { get; init; } = 10_000;

    /// <summary>Which components make a pair. It must be what the weights were trained with.</summary>
    public PairLayout Layout { get; init; } = PairLayout.Halves;

    /// <summary>How the frequencies are changed for longer texts; null: not at all.</summary>
    public RotaryScaling? Scaling { get; init; }
}
