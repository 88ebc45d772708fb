using System.Xml.Linq;
using ContextAware.Visualization;

namespace ContextAware.Tests.Visualization;

public sealed class LineChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Points_lie_where_their_numbers_say()
    {
        var chart = new LineChart("Error") { XAxis = "epoch", YAxis = "%", Series = [new("dev", [(0, 0), (5, 50), (10, 100)])] };
        var dots = Read(chart).Descendants(Svg + "circle").Select(dot => ((double)dot.Attribute("cx")!, (double)dot.Attribute("cy")!)).ToList();
        // The plot runs from 64 to 660 across and from 254 up to 62.
        Assert.Equal([(64, 254), (362, 158), (660, 62)], dots);
        Assert.Equal("dev: 50 at 5", Read(chart).Descendants(Svg + "circle").ElementAt(1).Element(Svg + "title")!.Value);
    }

    [Fact]
    public void Axes_ticks_titles_and_names_are_written_and_described()
    {
        var chart = new LineChart("Loss <1>") { XAxis = "step", YAxis = "nats", Series = [new("train & co", [(0, 2), (1000, 0.5)]), new("dev", [])] };
        var root = Read(chart);
        var texts = root.Descendants(Svg + "text").Select(text => text.Value).ToList();
        string[] expected = ["Loss <1>", "step →", "nats →", "train & co", "dev", "0", "0.5", "1", "1.5", "2", "1,000", "200"];
        Assert.All(expected, text => Assert.Contains(text, texts));
        Assert.Equal("Loss <1>", root.Element(Svg + "title")!.Value);
        Assert.Equal("Loss <1>: train & co goes from 2 at 0 to 0.5 at 1,000, dev has no points.", root.Element(Svg + "desc")!.Value);
        Assert.Equal("img", (string)root.Attribute("role")!);
    }

    [Theory]
    [InlineData(1e308, -1e308)]
    [InlineData(double.MaxValue, 1)]
    [InlineData(5e-324, 0)]
    [InlineData(1e-13, 2e-13)]
    [InlineData(1e299, 1e299)]
    public void Numbers_at_the_ends_of_what_a_number_can_be_draw_a_picture_all_the_same(double first, double second)
    {
        foreach (var points in new (double, double)[][] { [(0, first), (1, second)], [(first, 0), (second, 1)] })
        {
            var text = LineChart.Render(new LineChart("x") { Series = [new("a", points)] });
            Assert.DoesNotContain("NaN", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Infinity", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_value_that_is_not_finite_leaves_a_gap()
    {
        var chart = new LineChart("x") { Series = [new("a", [(0, 1), (1, double.NaN), (2, 1), (3, double.PositiveInfinity), (4, 2)])] };
        var line = Read(chart).Descendants(Svg + "path").Single(path => ((string)path.Attribute("class")!).Contains("line s0") && ((string)path.Attribute("d")!).Count('M') > 1);
        Assert.Equal(3, ((string)line.Attribute("d")!).Count('M'));
        Assert.DoesNotContain("NaN", line.ToString());
    }

    [Theory]
    [InlineData(new double[0])]
    [InlineData(new[] { 3.0 })]
    [InlineData(new[] { 0.0, 0.0 })]
    [InlineData(new[] { -1e9, 1e9 })]
    [InlineData(new[] { 1e-9, 2e-9 })]
    public void Any_numbers_can_be_drawn(double[] values)
    {
        var chart = new LineChart("x") { Series = [new("a", [.. values.Select((value, i) => ((double)i, value))])] };
        var root = Read(chart);
        Assert.All(root.Descendants(Svg + "circle"), dot => Assert.InRange((double)dot.Attribute("cy")!, 62, 254));
        Assert.Equal(values.Length, root.Descendants(Svg + "circle").Count());
    }

    [Theory]
    [InlineData("a\u001bb", "a\u241bb")]
    [InlineData("a\uffffb", "a\ufffdb")]
    [InlineData("a\u202eb", "a\ufffdb")]
    public void What_XML_cannot_hold_becomes_a_mark(string name, string expected)
    {
        var root = Read(new LineChart(name) { XAxis = name, YAxis = name, Series = [new(name, [(0, 1)])] });
        Assert.Equal(expected, root.Element(Svg + "title")!.Value);
        Assert.Equal([expected, $"{expected} →", $"{expected} →", expected], root.Descendants(Svg + "text").Select(text => text.Value).Where(text => text.StartsWith('a')));
        Assert.Equal($"{expected}: 1 at 0", Assert.Single(root.Descendants(Svg + "circle")).Element(Svg + "title")!.Value);
    }

    [Fact]
    public void Charts_stand_under_each_other()
    {
        var root = XDocument.Parse(LineChart.Render(Empty("one"), Empty("two"))).Root!;
        Assert.Equal("600", (string)root.Attribute("height")!);
        Assert.Equal("one; two", root.Element(Svg + "title")!.Value);
        Assert.Throws<ArgumentException>(() => LineChart.Render());
        Assert.Throws<ArgumentException>(() => LineChart.Render(new LineChart("x") { Series = [.. Enumerable.Range(0, 5).Select(i => new ChartSeries($"{i}", []))] }));

        static LineChart Empty(string title) => new(title) { Series = [] };
    }

    private static XElement Read(LineChart chart) => XDocument.Parse(LineChart.Render(chart)).Root!;
}
