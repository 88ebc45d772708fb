using System.Text.Json.Serialization;
using Examples.Common;

namespace Scan.Language;

/// <summary>What it takes to make a <see cref="Translator"/> again.</summary>
public sealed record TranslatorSettings : NetworkSettings, IModelSettings
{
    /// <summary>The sizes of a small network.</summary>
    [JsonConstructor]
    public TranslatorSettings()
    {
    }

    /// <summary>The sizes of a network.</summary>
    public TranslatorSettings(NetworkSettings network) : base(network)
    {
    }

    /// <summary>The words, in the order of their numbers.</summary>
    public required IReadOnlyList<string> Words { get; init; }

    /// <summary>The actions, in the order of their numbers.</summary>
    public required IReadOnlyList<string> Actions { get; init; }

    /// <inheritdoc/>
    public void CheckAgainst(StoredShapes stored) => CheckAgainst(stored, Words.Count, Actions.Count);
}
