using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ContextAware.Visualization;

namespace ContextAware.Tests.Visualization;

public partial class HtmlRendererTests
{
    [Fact]
    public void The_page_needs_nothing_from_elsewhere()
    {
        var page = HtmlRenderer.Render([Maps.Tiny, Maps.Heads]);
        Assert.DoesNotMatch(@"(?i)https?:|src=|url\(|<link|@import|fetch\(|XMLHttpRequest|import\(", page);
        Assert.Contains("default-src 'none'", page);
        Assert.DoesNotContain("{{", page);
    }

    [Fact]
    public void The_policy_allows_the_page_s_own_script_only()
    {
        var page = HtmlRenderer.Render([Maps.Tiny]);
        var script = Scripts().Matches(page).Single(x => x.Groups[1].Value == "").Groups[2].Value;
        Assert.Contains($"script-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)))}'", page);
    }

    [Fact]
    public void Labels_can_not_leave_the_data()
    {
        var page = HtmlRenderer.Render([Maps.Hostile], new() { Title = "</title><script>{{data}}{{script}}" });
        Assert.Equal(2, Scripts().Count(page));
        Assert.DoesNotContain("owned'</script>", page);
        Assert.Contains("<h1>&lt;/title&gt;&lt;script&gt;{{data}}{{script}}</h1>", page);
        var map = Data(page).GetProperty("maps")[0];
        Assert.Equal(Maps.Hostile.RowLabels[0], map.GetProperty("rows")[0].GetString());
        Assert.Equal("a\"b'c&amp;␀␛[31m\uFFFDevil\uFFFD", map.GetProperty("columns")[1].GetString());
        Assert.Equal("</title>{{data}}<b>&", map.GetProperty("title").GetString());
    }

    [Fact]
    public void Every_value_is_there_bit_for_bit()
    {
        var map = Data(HtmlRenderer.Render([Maps.Tiny, Maps.Heads])).GetProperty("maps")[1];
        var bytes = map.GetProperty("weights").GetBytesFromBase64();
        Assert.Equal(Enumerable.Range(0, 24).Select(i => i / 24f), Enumerable.Range(0, 24).Select(i => BitConverter.ToSingle(bytes, 4 * i)));
        Assert.Equal((2, 2), (map.GetProperty("layers").GetInt32(), map.GetProperty("heads").GetInt32()));
        Assert.Equal(4, map.GetProperty("quality").GetArrayLength());
    }

    [Fact]
    public void Alignment_is_measured_where_there_is_one()
    {
        bool Measured(AttentionMap map) => Data(HtmlRenderer.Render([map])).GetProperty("maps")[0].TryGetProperty("quality", out _);
        Assert.True(Measured(Maps.Tiny));
        Assert.False(Measured(AttentionMap.FromVector([1, 2], ["a", "b"])));
        Assert.False(Measured(new(new float[,] { { -1, 2 } }, ["a"], ["b", "c"])));
        Assert.False(Measured(Maps.Empty(0, 3)));
    }

    [Fact]
    public void The_reader_starts_with_the_chosen_colours()
        => Assert.Equal("Cividis", Data(HtmlRenderer.Render([Maps.Tiny], new() { ColourMap = ColourMap.Cividis })) is var data
            ? data.GetProperty("colours")[data.GetProperty("chosen").GetInt32()].GetProperty("name").GetString() : null);

    [Fact]
    public void No_example_is_refused() => Assert.Contains("at least one map", Assert.Throws<ArgumentException>(() => HtmlRenderer.Render([])).Message);

    private static JsonElement Data(string page) => JsonDocument.Parse(Scripts().Matches(page).Single(x => x.Groups[1].Value != "").Groups[2].Value).RootElement;

    [GeneratedRegex("<script([^>]*)>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Scripts();
}
