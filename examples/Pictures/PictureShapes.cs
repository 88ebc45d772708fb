using Examples.Common;

namespace Pictures;

/// <summary>Holds the sizes of what reads pictures against stored weights.</summary>
public static class PictureShapes
{
    /// <summary>The channels of a <see cref="ContextAware.Models.VisionLanguage.CoordinateChannels"/>.</summary>
    public const int Coordinates = 2;

    // What a layer makes of a picture is many times its weights: a small file could ask for much memory.
    private const int MostFeatures = 4096;

    // A convolution, its norm and a ReLU.
    private const int ModulesOfLayer = 3;

    /// <summary>Looks whether a <see cref="ContextAware.Models.VisionLanguage.ConvolutionalEncoder"/> of these sizes has been stored.</summary>
    /// <param name="stored">The weights.</param>
    /// <param name="name">The encoder's name.</param>
    /// <param name="channels">The channels of a picture.</param>
    /// <param name="features">The features of each layer.</param>
    /// <returns>The channels of what it makes.</returns>
    /// <exception cref="InvalidDataException">It hasn't.</exception>
    public static long ExpectEncoder(this StoredShapes stored, string name, long channels, IReadOnlyList<int> features)
    {
        ArgumentNullException.ThrowIfNull(stored);
        for (var layer = 0; layer < features.Count; layer++)
        {
            if (features[layer] > MostFeatures) throw new InvalidDataException($"its settings ask for {features[layer]} features in a layer, more than {MostFeatures}");
            stored.Expect($"{name}.layers.{layer * ModulesOfLayer}.weight", features[layer], channels, 3, 3);
            channels = features[layer];
        }

        return channels;
    }
}
