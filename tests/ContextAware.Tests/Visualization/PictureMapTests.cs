using ContextAware.Visualization;

namespace ContextAware.Tests.Visualization;

public class PictureMapTests
{
    private static readonly Dictionary<string, (Func<object> Make, string Argument, string Expected)> Wrong = new()
    {
        ["height"] = (() => new PictureMap([], 0, 2, 1, []), "height", "0"),
        ["width"] = (() => new PictureMap([], 2, -1, 1, []), "width", "-1"),
        ["channels"] = (() => new PictureMap(new byte[8], 2, 2, 2, []), "channels", "1 channel or 3, got 2"),
        ["bytes"] = (() => new PictureMap(new byte[5], 2, 2, 1, []), "pixels", "2 × 2 × 1 bytes, got 5"),
        ["no steps"] = (() => new PictureMap(new byte[4], 2, 2, 1, null!), "steps", "steps"),
        ["null step"] = (() => new PictureMap(new byte[4], 2, 2, 1, [null!]), "steps", "Step 0 is null"),
        ["no weights"] = (() => new PictureMap(new byte[4], 2, 2, 1, [new("a", new float[0, 2])]), "steps", "Step 0 has no weights"),
        ["NaN"] = (() => new PictureMap(new byte[4], 2, 2, 1, [new("a", new[,] { { float.NaN } })]), "steps", "weight of NaN"),
        ["negative"] = (() => new PictureMap(new byte[4], 2, 2, 1, [new("a", new[,] { { -1f } })]), "steps", "weight of -1"),
        ["infinite"] = (() => new PictureMap(new byte[4], 2, 2, 1, [new("a", new[,] { { float.PositiveInfinity } })]), "steps", "finite number"),
        ["no pictures"] = (() => PictureRenderer.Render([]), "pictures", "at least one"),
        ["null picture"] = (() => PictureRenderer.Render([null!]), "pictures", "null"),
    };

    public static TheoryData<string> Cases => [.. Wrong.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_can_not_be_drawn_is_named(string name)
    {
        var (make, argument, expected) = Wrong[name];
        var error = Assert.ThrowsAny<ArgumentException>(make);
        Assert.Equal(argument, error.ParamName);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_keeps_copies()
    {
        var (pixels, weights) = (new byte[] { 1, 2 }, new float[,] { { 1 } });
        var map = new PictureMap(pixels, 1, 2, 1, [new("a", weights)], "title");
        (pixels[0], weights[0, 0]) = (9, 9);
        Assert.Equal([1, 2], map.Pixels);
        Assert.Equal(1, map.Steps[0].Weights[0, 0]);
        Assert.Equal((1, 2, 1, "title"), (map.Height, map.Width, map.Channels, map.Title));
    }
}
