namespace ContextAware.Models.LanguageModels.Steps;

/// <summary>H, G and E of a model.</summary>
internal readonly struct HeadCounts(DecoderOnlyOptions options)
{
    internal long Heads { get; } = options.Heads;

    internal long Groups { get; } = options.KeyValueHeads ?? options.Heads;

    internal long HeadWidth { get; } = options.Width / options.Heads;
}
