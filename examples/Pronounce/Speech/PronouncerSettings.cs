using System.Text.Json.Serialization;
using Examples.Common;

namespace Pronounce.Speech;

/// <summary>What it takes to make a <see cref="Pronouncer"/> again: its alphabets and sizes.</summary>
public sealed record PronouncerSettings : NetworkSettings, IModelSettings
{
    /// <summary>The sizes of a small network.</summary>
    [JsonConstructor]
    public PronouncerSettings()
    {
    }

    /// <summary>The sizes of a network.</summary>
    public PronouncerSettings(NetworkSettings network) : base(network)
    {
    }

    /// <summary>The letters, in the order of their numbers.</summary>
    public required IReadOnlyList<string> Letters { get; init; }

    /// <summary>The phones, in the order of their numbers.</summary>
    public required IReadOnlyList<string> Phones { get; init; }

    /// <summary>Whether vowels carry stress digits.</summary>
    public bool Stress { get; init; }

    /// <inheritdoc/>
    public void CheckAgainst(StoredShapes stored) => CheckAgainst(stored, Letters.Count, Phones.Count);
}
