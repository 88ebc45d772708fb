using ContextAware.Visualization;

namespace ContextAware.Tests.Visualization;

public class TextOptionsTests
{
    [Theory]
    [InlineData("TERM=xterm-256color COLORTERM=truecolor", TextColours.True)]
    [InlineData("TERM=xterm COLORTERM=24bit", TextColours.True)]
    [InlineData("TERM=xterm-direct", TextColours.True)]
    [InlineData("TERM=screen-256color", TextColours.Palette)]
    [InlineData("TERM=xterm", TextColours.Palette)]
    [InlineData("TERM=linux", TextColours.Plain)]
    [InlineData("TERM=dumb COLORTERM=truecolor", TextColours.Plain)]
    [InlineData("TERM=xterm-256color COLORTERM=truecolor NO_COLOR=1", TextColours.Plain)]
    [InlineData("TERM=xterm-256color NO_COLOR=", TextColours.Palette)]
    [InlineData("OS=Windows_NT", TextColours.True)]
    [InlineData("OS=Windows_NT NO_COLOR=1", TextColours.Plain)]
    [InlineData("", TextColours.Plain)]
    public void Colours_follow_the_environment(string environment, TextColours expected)
    {
        var variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(x => x.Split('=')).ToDictionary(x => x[0], x => x[1]);
        Assert.Equal(expected, TextOptions.Detect(variables.GetValueOrDefault, isTerminal: true));
    }

    [Fact]
    public void A_file_gets_no_colours()
        => Assert.Equal(TextColours.Plain, TextOptions.Detect(name => name == "COLORTERM" ? "truecolor" : "xterm", isTerminal: false));
}
