using System.Text;
using ContextAware.Visualization;
using Examples.Common;
using Spectre.Console;

namespace ContextAware.Models.Tests.Common;

public sealed class MapTextTests
{
    [Theory]
    [InlineData(1, true)]
    [InlineData(19, true)]
    [InlineData(1 << 20, false)]
    public void A_map_is_shown_on_a_console_of_any_width(int width, bool isTerminal)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new() { Ansi = AnsiSupport.No, Out = new Output(text, width, isTerminal) });
        console.Profile.Width = width;
        MapText.Show(console, new(new float[2, 40], ["a", "b"], [.. Enumerable.Range(0, 40).Select(i => $"{i}")]));
        Assert.InRange(text.ToString().Split('\n').Max(line => line.TrimEnd().Length), 10, isTerminal ? 20 : 80);
    }

    private sealed class Output(TextWriter writer, int width, bool isTerminal) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => isTerminal;

        public int Width => width;

        public int Height => 20;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
