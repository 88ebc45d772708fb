using ContextAware.Visualization;

namespace ContextAware.Tests.Visualization;

public class ColourMapTests
{
    public static TheoryData<string> Names => [.. ColourMap.All.Select(map => map.Name)];

    [Fact]
    public void Known_colours_of_the_published_tables()
    {
        // From the 256-entry tables: entries 0, 26, 77, 128, 200 and 255.
        string[] viridis = ["#440154", "#482576", "#34608d", "#21918c", "#70cf57", "#fde725"];
        string[] cividis = ["#00224e", "#0c3470", "#50576c", "#7d7c78", "#c4b468", "#fee838"];
        int[] entries = [0, 26, 77, 128, 200, 255];
        for (var i = 0; i < entries.Length; i++)
        {
            AssertNear(viridis[i], ColourMap.Viridis[entries[i] / 255.0]);
            AssertNear(cividis[i], ColourMap.Cividis[entries[i] / 255.0]);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Lightness_changes_evenly_from_end_to_end(string name)
    {
        double[] lightness = [.. ByName(name).Colours.Select(c => OkLab.From(c).L)];
        var slope = (lightness[^1] - lightness[0]) / 255;
        Assert.True(Math.Abs(lightness[^1] - lightness[0]) > 0.6);
        for (var i = 0; i < 256; i++) // never far from the straight line, and no step back over a few entries
            Assert.Equal(lightness[0] + slope * i, lightness[i], 0.04);
        for (var i = 8; i < 256; i++)
            Assert.InRange((lightness[i] - lightness[i - 8]) / (8 * slope), 0.5, 1.6);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Colour_blind_readers_see_the_same_order(string name)
    {
        // Machado, Oliveira and Fernandes (2009): what a reader without red, green or blue cones sees, in linear light.
        double[][] kinds =
        [
            [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
            [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881],
            [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900],
        ];
        foreach (var kind in kinds)
        {
            double[] brightness = [.. ByName(name).Colours.Select(c => Seen(c, kind))];
            var sign = Math.Sign(brightness[^1] - brightness[0]);
            for (var i = 8; i < 256; i++)
                Assert.True(sign * (brightness[i] - brightness[i - 8]) > 0, $"{name}, entry {i}");
        }
    }

    [Fact]
    public void Numbers_outside_take_the_ends()
    {
        Assert.Equal(ColourMap.Viridis[0], ColourMap.Viridis[-3]);
        Assert.Equal(ColourMap.Viridis[1], ColourMap.Viridis[double.PositiveInfinity]);
    }

    [Fact]
    public void Text_on_every_colour_is_readable()
    {
        foreach (var colour in ColourMap.All.SelectMany(map => map.Colours))
        {
            var contrast = colour.IsDark ? 1.05 / (colour.Luminance + 0.05) : (colour.Luminance + 0.05) / 0.05;
            Assert.True(contrast >= 4.5, $"{colour.Hex}: {contrast}");
        }
    }

    private static ColourMap ByName(string name) => ColourMap.All.Single(map => map.Name == name);

    private static double Seen(Colour colour, double[] matrix)
    {
        double[] light = [OkLab.Linear(colour.Red), OkLab.Linear(colour.Green), OkLab.Linear(colour.Blue)];
        double Channel(int row) => Math.Max(0, Enumerable.Range(0, 3).Sum(i => matrix[3 * row + i] * light[i]));
        return 0.2126 * Channel(0) + 0.7152 * Channel(1) + 0.0722 * Channel(2);
    }

    private static void AssertNear(string hex, Colour actual)
    {
        Colour expected = new(Convert.ToByte(hex[1..3], 16), Convert.ToByte(hex[3..5], 16), Convert.ToByte(hex[5..7], 16));
        Assert.True(OkLab.From(expected).DistanceTo(OkLab.From(actual)) < 0.008, $"expected {hex}, got {actual.Hex}");
    }
}
