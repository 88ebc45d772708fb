using ContextAware.Visualization;

namespace ContextAware.Tests.Visualization;

public class TextRendererTests
{
    private const string Mark = "\u200E";

    [Fact]
    public void Plain() => Approve("""
        tiny
        letters →  phones ↓
           a b c
        AH ██▒▒·
         B · ░░██

           0 ·░▒▓█ 1

        """, TextRenderer.Render(Maps.Tiny));

    [Fact]
    public void Numbers_in_the_cells() => Approve("""
        tiny
        letters →  phones ↓
            a   b   c
        AH .75 .25  0
         B  0  .13  1

           0 ·░▒▓█ 1

        """, TextRenderer.Render(Maps.Tiny, new() { Numbers = true }));

    [Fact]
    public void True_colour() => Approve($"""
        ^[1mtiny^[0m
        ^[2mletters →  phones ↓^[0m
           a b c
        AH {True(0.75)}  {True(0.25)}  {True(0)}  ^[0m
         B {True(0)}  {True(0.125)}  {True(1)}  ^[0m

        """, Colours(TextColours.True).Split("\n\n")[0] + "\n");

    [Fact]
    public void The_256_colours() => Approve("""
        ^[1mtiny^[0m
        ^[2mletters →  phones ↓^[0m
           a b c
        AH ^[48;5;77m  ^[48;5;24m  ^[48;5;53m  ^[0m
         B ^[48;5;53m  ^[48;5;54m  ^[48;5;220m  ^[0m

        """, Colours(TextColours.Palette).Split("\n\n")[0] + "\n");

    [Fact]
    public void Neighbours_of_one_colour_share_their_escape()
        => Assert.Contains($"x {True(1)}    {True(0)}  ^[0m\n",
            Visible(TextRenderer.Render(new(new float[,] { { 1, 1, 0 } }, ["x"], ["a", "b", "c"]), new() { Colours = TextColours.True })));

    [Fact]
    public void Numbers_in_colour_stand_out_from_their_cells()
    {
        var text = Visible(TextRenderer.Render(Maps.Tiny, new() { Colours = TextColours.True, Numbers = true }));
        Assert.Contains($"{True(1)}^[30m 1  ", text);
        Assert.Contains($"{True(0.125)}^[97m.13 ", text);
    }

    [Fact]
    public void A_map_of_many_heads_shows_the_chosen_one()
    {
        Assert.StartsWith("heads · layer 2 · head 1\n", TextRenderer.Render(Maps.Heads, new() { Layer = 1 }), StringComparison.Ordinal);
        // The same scale for all heads: the first head is all dots and light shades.
        Assert.Contains("x · · ░░", TextRenderer.Render(Maps.Heads));
    }

    [Fact]
    public void Wide_and_right_to_left_labels_keep_their_places() => Approve($"""
           日本   c  {Mark} של  {Mark}
        {Mark}אב{Mark} █████  ·    ·
         é   ·  █████  ·

           0 ·░▒▓█ 1

        """, TextRenderer.Render(new(new float[,] { { 1, 0, 0 }, { 0, 1, 0 } }, ["אב", "é"], ["日本", "c", "של"])));

    [Fact]
    public void Long_labels_run_down_where_they_do_not_fit() => Approve("""
             t
             h
             r o
             e n
             e e
        left ██· ·

             0 ·░▒▓█ 1

        """, TextRenderer.Render(new(new float[,] { { 1, 0, 0 } }, ["left"], ["three", "one", ""]), new() { Width = 20 }));

    [Fact]
    public void A_map_wider_than_the_terminal_comes_in_parts()
    {
        string[] labels = [.. "abcdefghijklm".Select(c => c.ToString())];
        Approve("""
               a b c d e f g h i
            to · · · · · · · · ·

               j k l m
            to · · · ██

               0 ·░▒▓█ 1

            """, TextRenderer.Render(new(new float[,] { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } }, ["to"], labels), new() { Width = 21 }));
    }

    [Fact]
    public void No_line_is_wider_than_the_terminal()
    {
        for (var width = 20; width < 100; width += 7)
            foreach (var colours in Enum.GetValues<TextColours>())
            {
                string[] labels = [.. Enumerable.Range(0, 37).Select(i => new string('w', i))];
                var text = TextRenderer.Render(new(new float[37, 37], labels, labels), new() { Width = width, Colours = colours });
                foreach (var line in text.Split('\n'))
                    Assert.True(LabelText.Columns(WithoutEscapes(line)) <= width, line);
            }
    }

    [Fact]
    public void A_label_can_not_command_the_terminal()
    {
        var text = TextRenderer.Render(Maps.Hostile);
        Assert.DoesNotContain(text, c => char.IsControl(c) && c != '\n');
        Assert.DoesNotContain('\u202E', text);
    }

    [Theory]
    [InlineData(0, 3, "0 rows × 3 columns: nothing to draw\n")]
    [InlineData(2, 0, "2 rows × 0 columns: nothing to draw\n")]
    [InlineData(1, 1, "  c\nr ·\n\n  0 ·░▒▓█ 1\n")]
    public void Small_maps(int rows, int columns, string expected) => Assert.Equal(expected, TextRenderer.Render(Maps.Empty(rows, columns)));

    [Fact]
    public void What_can_not_be_drawn_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TextRenderer.Render(Maps.Tiny, new() { Width = 19 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => TextRenderer.Render(Maps.Tiny, new() { Head = 1 }));
    }

    private static string True(double share) => ColourMap.Viridis[share] is var c ? $"^[48;2;{c.Red};{c.Green};{c.Blue}m" : "";

    private static string Colours(TextColours colours) => TextRenderer.Render(Maps.Tiny, new() { Colours = colours });

    private static string Visible(string text) => text.Replace('\e', '^');

    private static string WithoutEscapes(string line) => System.Text.RegularExpressions.Regex.Replace(line, "\e\\[[0-9;]*m", "");

    private static void Approve(string expected, string actual) => Assert.Equal(expected.ReplaceLineEndings("\n"), Visible(actual));
}
