using ContextAware.Visualization;

namespace ContextAware.Tests.Visualization;

/// <summary>The page of pictures in a real browser, with a real mouse.</summary>
public sealed class PicturePageTests(Browser browser) : IClassFixture<Browser>
{
    private const string Large = "document.getElementById('large')";

    // Grey, 2×4; the first word looks at the left half, the second a little at the right and most at the left of it.
    private static readonly PictureMap Grey = new(
        [0, 50, 100, 150, 0, 50, 100, 200], 2, 4, 1,
        [new("seven", new float[,] { { 1, 0 } }), new("two", new float[,] { { 0, 0.25f, 0.75f, 0 } })], "seven two");

    private static readonly PictureMap Coloured = new([10, 20, 30], 1, 1, 3, [], "colour");

    private static readonly PictureMap Hostile = new(
        [0], 1, 1, 1, [new("</script><script>document.title='x'</script>", new float[,] { { 1 } })], "<img src=x onerror=\"document.title='x'\">");

    [Fact]
    public async Task It_lays_the_attention_over_the_picture_without_a_complaint_or_a_request()
    {
        await browser.Open(PictureRenderer.Render([Grey], new() { Title = "Captions" }));
        Assert.Equal("Captions|seven two|seven,two", await browser.Text(
            "document.title + '|' + document.getElementById('name').textContent + '|' + [...document.querySelectorAll('#words button')].map(x => x.textContent)"));
        // At a strength of 70 %, the place with the greatest weight takes on the brightest colour.
        var bright = ColourMap.Viridis[1];
        Assert.Equal($"{(int)Math.Round(50 + ((bright.Red - 50) * 0.7))},{(int)Math.Round(50 + ((bright.Green - 50) * 0.7))},{(int)Math.Round(50 + ((bright.Blue - 50) * 0.7))},255", await Pixel(1, 0));
        Assert.Equal("200,200,200,255", await Pixel(3, 1));
        Assert.Empty(browser.Complaints);
        Assert.Empty(browser.Requests);
    }

    [Fact]
    public async Task Each_word_shows_where_it_looked()
    {
        await browser.Open(PictureRenderer.Render([Grey]));
        Assert.Equal("true,false", await Pressed());
        await browser.Point("document.querySelectorAll('#words button')[1]");
        Assert.Equal("false,true", await Pressed());
        Assert.Equal("0,0,0,255", await Pixel(0, 0));
        Assert.NotEqual("100,100,100,255", await Pixel(2, 0));
        Assert.Equal("150,150,150,255", await Pixel(3, 0));
        await browser.Point("document.querySelectorAll('#strip figure')[0]", click: true);
        Assert.Equal("true,false", await Pressed());
        Assert.Equal("2", await browser.Text("document.querySelectorAll('#strip canvas').length"));
    }

    [Fact]
    public async Task Pointing_at_a_place_shows_its_number()
    {
        await browser.Open(PictureRenderer.Render([new(new byte[9], 3, 3, 1, [new("one", new float[,] { { 0.125f, 0.75f, 0.125f } })])]));
        await browser.Point(Large);
        Assert.Equal("one: row 1, column 2: 0.75", await browser.Text("document.getElementById('number').textContent"));
        await browser.Point("document.querySelector('h1')");
        Assert.Equal("", await browser.Text("document.getElementById('number').textContent"));
    }

    [Fact]
    public async Task Pictures_are_stepped_through_and_the_strength_is_chosen()
    {
        await browser.Open(PictureRenderer.Render([Grey, Coloured]));
        await browser.Text("(s => (s.value = 0, s.dispatchEvent(new Event('input'))))(document.getElementById('strength'))");
        Assert.Equal("50,50,50,255", await Pixel(1, 0));
        await browser.Point("document.getElementById('next')", click: true);
        Assert.Equal("colour 0 true", await browser.Text(
            "document.getElementById('name').textContent + ' ' + document.querySelectorAll('#words button').length + ' ' + document.getElementById('next').disabled"));
        Assert.Equal("10,20,30,255", await Pixel(0, 0));
        await browser.Point("document.getElementById('previous')", click: true);
        Assert.Equal("seven two", await browser.Text("document.getElementById('name').textContent"));
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task Hostile_labels_are_shown_and_nothing_more()
    {
        await browser.Open(PictureRenderer.Render([Hostile], new() { Title = "safe" }));
        Assert.Equal("safe 0 2", await browser.Text("document.title + ' ' + document.images.length + ' ' + document.scripts.length"));
        Assert.Equal(Hostile.Title, await browser.Text("document.getElementById('name').textContent"));
        Assert.Equal(Hostile.Steps[0].Label, await browser.Text("document.querySelector('#words button').textContent"));
        Assert.Empty(browser.Complaints);
        Assert.Empty(browser.Requests);
    }

    [Fact]
    public async Task A_page_is_saved_whole()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("contextaware-page-").FullName, "page.html");
        PictureRenderer.Save([Grey], path);
        Assert.Equal(PictureRenderer.Render([Grey]), await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    private async Task<string> Pixel(int x, int y) => await browser.Text($"[...{Large}.getContext('2d').getImageData({x}, {y}, 1, 1).data]");

    private async Task<string> Pressed() => await browser.Text("[...document.querySelectorAll('#words button')].map(x => x.getAttribute('aria-pressed'))");
}
