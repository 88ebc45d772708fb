using System.Globalization;
using System.Xml.Linq;
using ContextAware.Visualization;

namespace ContextAware.Tests.Visualization;

public class SvgRendererTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void A_tiny_map_as_approved()
    {
        var svg = SvgRenderer.Render(new(new[,] { { 1f, 0.25f } }, ["r"], ["a", "b"], "one row"));
        var style = svg.IndexOf("<style>", StringComparison.Ordinal);
        var styleEnd = svg.IndexOf("</style>", StringComparison.Ordinal) + "</style>\n".Length;
        var bar = svg.IndexOf("<rect x=\"121\"", StringComparison.Ordinal);
        var barEnd = svg.IndexOf("<text", bar, StringComparison.Ordinal);
        Assert.Equal("""
            <svg xmlns="http://www.w3.org/2000/svg" width="162" height="150" viewBox="0 0 162 150" role="img">
            <title>one row</title>
            <desc>1 row by 2 columns, values from 0 to 1. The highest of each row: r ← a: 1.</desc>
            <rect class="page" width="162" height="150"/>
            <text class="title" font-size="15" x="16" y="28">one row</text>
            <text class="ink" font-size="14" x="49" y="56" text-anchor="middle">a</text>
            <text class="ink" font-size="14" x="85" y="56" text-anchor="middle">b</text>
            <text class="ink" font-size="14" x="24" y="84.9" text-anchor="end">r</text>
            <rect x="31" y="62" width="35" height="35" fill="#fde725"><title>r ← a: 1</title></rect>
            <text class="on-light" font-size="12" x="48.5" y="83.82" text-anchor="middle">1</text>
            <rect x="67" y="62" width="35" height="35" fill="#3b528b"><title>r ← b: 0.25</title></rect>
            <text class="on-dark" font-size="12" x="84.5" y="83.82" text-anchor="middle">.25</text>
            <text class="soft" font-size="11" x="139" y="71">1</text>
            <text class="soft" font-size="11" x="139" y="102">0.5</text>
            <text class="soft" font-size="11" x="139" y="134">0</text>
            </svg>

            """.ReplaceLineEndings("\n"), svg[..style] + svg[styleEnd..bar] + svg[barEnd..]);
    }

    [Fact]
    public void Cells_have_the_colours_places_and_hints_of_their_values()
    {
        var cells = Cells(Maps.Tiny);
        Assert.Equal(["AH ← a: 0.75", "AH ← b: 0.25", "AH ← c: 0", "B ← a: 0", "B ← b: 0.125", "B ← c: 1"], cells.Select(Hint));
        Assert.Equal(new[] { 0.75, 0.25, 0, 0, 0.125, 1 }.Select(x => ColourMap.Viridis[x].Hex), cells.Select(x => x.Attribute("fill")!.Value));
        Assert.Equal(Number(cells[0], "y"), Number(cells[2], "y"));
        Assert.Equal(36, Number(cells[1], "x") - Number(cells[0], "x"), 1e-9);
        Assert.Equal(36, Number(cells[3], "y") - Number(cells[0], "y"), 1e-9);
    }

    [Fact]
    public void The_picture_describes_itself()
    {
        var svg = Parse(Maps.Tiny);
        Assert.Equal("img", svg.Attribute("role")!.Value);
        Assert.Equal("tiny", svg.Element(Svg + "title")!.Value);
        Assert.Equal("2 rows (phones) by 3 columns (letters), values from 0 to 1. The highest of each row: AH ← a: 0.75; B ← c: 1.", svg.Element(Svg + "desc")!.Value);
        Assert.Contains("Attention map", Parse(Maps.Empty(1, 1)).Element(Svg + "title")!.Value);
    }

    [Fact]
    public void Axes_and_scale_are_labelled()
    {
        string[] texts = [.. Texts(Parse(Maps.Tiny))];
        foreach (var expected in new[] { "tiny", "letters →", "← phones", "AH", "B", "a", "b", "c", ".75", ".25", ".13", "1", "0.5", "0" })
            Assert.Contains(expected, texts);
    }

    [Fact]
    public void Numbers_are_left_out_where_they_do_not_fit()
    {
        Assert.DoesNotContain(".75", Texts(Parse(Maps.Tiny, new() { CellSize = 16 })));
        Assert.DoesNotContain(".75", Texts(Parse(Maps.Tiny, new() { Numbers = false })));
        Assert.Contains(".75", Texts(Parse(Maps.Tiny, new() { CellSize = 18 })));
    }

    [Fact]
    public void Every_head_gets_a_panel_or_the_chosen_one()
    {
        Assert.Equal(24, Cells(Maps.Heads).Length);
        Assert.Equal(["layer 1 · head 1", "layer 1 · head 2", "layer 2 · head 1", "layer 2 · head 2"], Texts(Parse(Maps.Heads)).Where(x => x.StartsWith("layer", StringComparison.Ordinal)));
        Assert.Equal(6, Cells(Maps.Heads, new() { Layer = 1, Head = 0 }).Length);
        Assert.Equal("x ← b: 0.5417", Hint(Cells(Maps.Heads, new() { Layer = 1, Head = 0 })[1]));
        Assert.Equal(12, Cells(Maps.Heads, new() { Head = 1 }).Length);
    }

    [Fact]
    public void A_vector_is_a_column_of_wider_cells()
    {
        var cells = Cells(AttentionMap.FromVector([0.25f, 0.75f], ["north", "south"]));
        Assert.Equal(["north: 0.25", "south: 0.75"], cells.Select(Hint));
        Assert.All(cells, cell => Assert.True(Number(cell, "width") > 1.5 * Number(cell, "height")));
    }

    [Fact]
    public void Everything_lies_inside_the_picture()
    {
        string[] labels = [.. Enumerable.Range(0, 50).Select(i => $"label {i} of some length")];
        foreach (var map in new[] { Maps.Tiny, Maps.Heads, Maps.Hostile, Maps.Empty(0, 3), new AttentionMap(new float[50, 50], labels, labels, "big") })
        {
            var svg = Parse(map);
            double width = Number(svg, "width"), height = Number(svg, "height");
            foreach (var rectangle in svg.Elements(Svg + "rect").Where(x => x.Attribute("x") is not null))
            {
                Assert.InRange(Number(rectangle, "x"), 0, width - Number(rectangle, "width"));
                Assert.InRange(Number(rectangle, "y"), 0, height - Number(rectangle, "height"));
            }

            foreach (var text in svg.Elements(Svg + "text").Where(x => x.Attribute("x") is not null))
            {
                Assert.InRange(Number(text, "x"), 0, width);
                Assert.InRange(Number(text, "y"), 5, height);
            }
        }
    }

    [Fact]
    public void A_large_map_joins_cells_of_one_colour()
    {
        string[] labels = [.. Enumerable.Repeat("", 300)];
        var weights = new float[300, 300];
        for (var i = 0; i < 300; i++)
            weights[i, i] = 1;
        var svg = SvgRenderer.Render(new(weights, labels, labels));
        Assert.True(svg.Length < 100_000, $"{svg.Length} characters");
        // Each row: what is left of the diagonal, the cell on it, what is right of it.
        Assert.Equal(300 * 3 - 2 + 64, XElement.Parse(svg).Elements(Svg + "rect").Count(x => x.Attribute("x") is not null));
    }

    [Fact]
    public void Labels_can_not_become_markup()
    {
        var svg = Parse(Maps.Hostile);
        Assert.Equal(["svg", "title", "desc", "style", "rect", "text"], svg.DescendantsAndSelf().Select(x => x.Name.LocalName).Distinct());
        Assert.All(svg.DescendantsAndSelf().Attributes(), x => Assert.DoesNotContain("owned", x.Value));
        Assert.Contains("</title>{{data}}<b>&", Texts(svg));
        Assert.Contains(Cells(Maps.Hostile), x => Hint(x).Contains("a\"b'c&amp;␀␛[31m\uFFFDevil\uFFFD: 0.5", StringComparison.Ordinal));
    }

    [Fact]
    public void Right_to_left_labels_are_anchored_on_the_same_side()
    {
        var texts = Parse(new(new float[,] { { 1, 0 } }, ["שלום"], ["אב", "c"])).Elements(Svg + "text").ToArray();
        var row = texts.Single(x => x.Value == "שלום");
        Assert.Equal(("rtl", null), (row.Attribute("direction")!.Value, row.Attribute("text-anchor")?.Value));
        var column = texts.Single(x => x.Value == "אב");
        Assert.Equal(("rtl", "middle"), (column.Attribute("direction")!.Value, column.Attribute("text-anchor")!.Value));
        Assert.Null(texts.Single(x => x.Value == "c").Attribute("direction"));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 3)]
    [InlineData(3, 0)]
    [InlineData(1, 1)]
    public void Small_maps(int rows, int columns)
    {
        var svg = Parse(Maps.Empty(rows, columns));
        Assert.Equal(rows * columns, svg.Elements(Svg + "rect").Count(x => x.Element(Svg + "title") is not null));
        Assert.True(Number(svg, "width") > 0 && Number(svg, "height") > 0);
    }

    [Fact]
    public void What_is_not_there_can_not_be_drawn()
    {
        Assert.Contains("Expected 0 to 1", Assert.Throws<ArgumentOutOfRangeException>(() => SvgRenderer.Render(Maps.Heads, new() { Layer = 2 })).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => SvgRenderer.Render(Maps.Heads, new() { Head = -1 }));
        Assert.Contains("at least one pixel", Assert.Throws<ArgumentOutOfRangeException>(() => SvgRenderer.Render(Maps.Tiny, new() { CellSize = 0.5 })).Message);
    }

    private static XElement Parse(AttentionMap map, SvgOptions? options = null) => XElement.Parse(SvgRenderer.Render(map, options));

    private static XElement[] Cells(AttentionMap map, SvgOptions? options = null)
        => [.. Parse(map, options).Elements(Svg + "rect").Where(x => x.Element(Svg + "title") is not null)];

    private static IEnumerable<string> Texts(XElement svg) => svg.Elements(Svg + "text").Select(x => x.Value);

    private static string Hint(XElement cell) => cell.Element(Svg + "title")!.Value;

    private static double Number(XElement element, string name) => double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);
}
