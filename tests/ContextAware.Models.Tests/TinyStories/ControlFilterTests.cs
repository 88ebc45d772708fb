using System.Text;
using global::TinyStories.Stories;

namespace ContextAware.Models.Tests.TinyStories;

public sealed class ControlFilterTests
{
    [Theory]
    [InlineData("One day,\n\tLily — é 中 🐱.", "One day,\n\tLily — é 中 🐱.")]
    [InlineData("\e[2J\r\b\u007f", " [2J   ")]
    [InlineData("a\u009b1mb", "a\u00a01mb")]
    public void Control_characters_are_blanks_in_any_pieces(string text, string shown)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Assert.Equal(shown, Encoding.UTF8.GetString(new ControlFilter().Filter(bytes)));
        var filter = new ControlFilter();
        Assert.Equal(shown, Encoding.UTF8.GetString([.. bytes.SelectMany(unit => filter.Filter([unit]))]));
    }
}
