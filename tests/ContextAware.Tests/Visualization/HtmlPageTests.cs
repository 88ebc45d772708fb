using ContextAware.Visualization;

namespace ContextAware.Tests.Visualization;

/// <summary>The page in a real browser, with a real mouse and keyboard.</summary>
public sealed class HtmlPageTests(Browser browser) : IClassFixture<Browser>
{
    private const string Table = "document.getElementById('map')";
    private const string Tip = "(t => t.hidden ? '' : t.textContent)(document.getElementById('tip'))";

    [Fact]
    public async Task It_draws_every_cell_without_a_complaint_or_a_request()
    {
        await browser.Open(HtmlRenderer.Render([Maps.Tiny]));
        Assert.Equal("6", await browser.Text($"{Table}.querySelectorAll('td.cell').length"));
        Assert.Equal("a,b,c,AH,B", await browser.Text($"[...{Table}.querySelectorAll('th')].map(x => x.textContent)"));
        Assert.Equal(".75,.25,0,0,.13,1", await browser.Text($"[...{Table}.querySelectorAll('td.cell')].map(x => x.textContent)"));
        var yellow = ColourMap.Viridis[1];
        Assert.Equal($"rgb({yellow.Red}, {yellow.Green}, {yellow.Blue})", await browser.Text($"getComputedStyle({Cell(1, 2)}).backgroundColor"));
        Assert.Equal("phones (rows) attend to letters (columns)", await browser.Text("document.getElementById('caption').textContent"));
        Assert.Empty(browser.Complaints);
        Assert.Empty(browser.Requests);
    }

    [Fact]
    public async Task Pointing_at_a_cell_shows_its_number_and_lights_its_labels()
    {
        await browser.Open(HtmlRenderer.Render([Maps.Tiny]));
        Assert.Equal("", await browser.Text(Tip));
        await browser.Point(Cell(1, 1));
        Assert.Equal("B ← b  0.125", await browser.Text(Tip));
        Assert.Equal("b,B", await browser.Text($"[...{Table}.querySelectorAll('th.lit')].map(x => x.textContent)"));
        await browser.Point(Cell(0, 0));
        Assert.Equal("AH ← a  0.75", await browser.Text(Tip));
        await browser.Point("document.querySelector('h1')");
        Assert.Equal("", await browser.Text(Tip));
    }

    [Fact]
    public async Task The_keyboard_reaches_every_cell()
    {
        await browser.Open(HtmlRenderer.Render([Maps.Tiny]));
        for (var i = 0; i < 8 && await browser.Text("document.activeElement.className") != "cell"; i++)
            await browser.Press("Tab", 9);
        Assert.Equal("AH ← a  0.75", await browser.Text(Tip));
        await browser.Press("ArrowDown", 40);
        await browser.Press("ArrowRight", 39);
        Assert.Equal("B ← b  0.125", await browser.Text(Tip));
        await browser.Press("End", 35);
        Assert.Equal("B ← c  1", await browser.Text(Tip));
        await browser.Press("ArrowDown", 40); // already the last row
        Assert.Equal("B ← c: 1", await browser.Text("document.activeElement.getAttribute('aria-label')"));
        await browser.Press("Escape", 27);
        Assert.Equal("", await browser.Text(Tip));
        Assert.Equal("1", await browser.Text($"{Table}.querySelectorAll('[tabindex=\"0\"]').length"));
    }

    [Fact]
    public async Task Choosing_a_head_changes_the_picture_and_the_numbers()
    {
        await browser.Open(HtmlRenderer.Render([Maps.Heads]));
        await browser.Point("document.querySelector('h1')"); // the mouse may rest on a cell since the last test
        var first = await browser.Picture(Table);
        await browser.Point("document.querySelectorAll('#heads button')[3]", click: true);
        await browser.Point("document.querySelector('h1')");
        var last = await browser.Picture(Table);
        Assert.NotEqual(first, last);
        Assert.Equal("1,1", await browser.Text("[document.getElementById('layer').value, document.getElementById('head').value]"));
        await browser.Point(Cell(1, 2));
        Assert.Equal("y ← c  0.9583", await browser.Text(Tip));

        await Choose("layer", 0);
        await Choose("head", 0); // the mouse still rests on the cell
        Assert.Equal("y ← c  0.2083", await browser.Text(Tip));
        await browser.Point("document.querySelector('h1')");
        Assert.Equal(first, await browser.Picture(Table));
    }

    [Fact]
    public async Task Examples_of_other_sizes_are_stepped_through()
    {
        await browser.Open(HtmlRenderer.Render([Maps.Heads, Maps.Tiny, Maps.Empty(0, 2)]));
        await Choose("head", 1);
        await browser.Point("document.getElementById('next')", click: true);
        Assert.Equal("tiny 2 1", await browser.Text($"document.getElementById('name').textContent + ' ' + {Table}.tBodies[0].rows.length + ' ' + document.getElementById('example').value"));
        Assert.Equal("true", await browser.Text("document.getElementById('head-label').hidden && document.getElementById('overview').hidden"));
        await browser.Point("document.getElementById('next')", click: true);
        Assert.Equal("0 true", await browser.Text($"{Table}.querySelectorAll('td.cell').length + ' ' + document.getElementById('next').disabled"));
        await Choose("example", 0);
        Assert.Equal("12 1", await browser.Text($"{Table}.querySelectorAll('.cell').length * 2 + ' ' + (1 + Number(document.getElementById('head').value))"));
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task Colours_scale_and_numbers_can_be_chosen()
    {
        await browser.Open(HtmlRenderer.Render([Maps.Heads]));
        var dark = await browser.Text($"getComputedStyle({Cell(1, 2)}).backgroundColor");
        await browser.Point("document.getElementById('shared')", click: true);
        var yellow = ColourMap.Viridis[1];
        Assert.Equal($"rgb({yellow.Red}, {yellow.Green}, {yellow.Blue})", await browser.Text($"getComputedStyle({Cell(1, 2)}).backgroundColor"));
        Assert.Equal("0.2083", await browser.Text("document.getElementById('high').textContent"));
        await Choose("colours", 1);
        var cividis = ColourMap.Cividis[1];
        Assert.Equal($"rgb({cividis.Red}, {cividis.Green}, {cividis.Blue})", await browser.Text($"getComputedStyle({Cell(1, 2)}).backgroundColor"));
        await Choose("colours", 0);
        await browser.Point("document.getElementById('shared')", click: true);
        Assert.Equal(dark, await browser.Text($"getComputedStyle({Cell(1, 2)}).backgroundColor"));
        Assert.Equal(".21", await browser.Text($"{Cell(1, 2)}.textContent"));
        await browser.Point("document.getElementById('numbers')", click: true);
        Assert.Equal("", await browser.Text($"{Cell(1, 2)}.textContent"));
    }

    [Fact]
    public async Task It_follows_the_reader_s_light_or_dark_setting()
    {
        await browser.Open(HtmlRenderer.Render([Maps.Tiny]));
        await browser.Prefer("light");
        Assert.Equal("rgb(246, 248, 250)", await browser.Text("getComputedStyle(document.body).backgroundColor"));
        await browser.Prefer("dark");
        Assert.Equal("rgb(13, 17, 23)", await browser.Text("getComputedStyle(document.body).backgroundColor"));
    }

    [Fact]
    public async Task Hostile_labels_are_shown_and_nothing_more()
    {
        await browser.Open(HtmlRenderer.Render([Maps.Hostile], new() { Title = "safe" }));
        Assert.Equal("safe", await browser.Text("document.title"));
        Assert.Equal("0 2", await browser.Text("document.images.length + ' ' + document.scripts.length"));
        Assert.Equal(Maps.Hostile.RowLabels[0], await browser.Text($"{Table}.querySelector('th.row').textContent"));
        await browser.Point(Cell(0, 0));
        Assert.Equal($"{Maps.Hostile.RowLabels[0]} ← {Maps.Hostile.ColumnLabels[0]}  0.5", await browser.Text(Tip));
        Assert.Equal("safe", await browser.Text("document.title"));
        Assert.Empty(browser.Complaints);
        Assert.Empty(browser.Requests);
    }

    [Fact]
    public async Task Columns_keep_their_places_whichever_way_their_labels_run()
    {
        await browser.Open(HtmlRenderer.Render([new(new float[1, 4], ["ק"], ["א", "b", "日", "ד"])]));
        var places = (await browser.Text($"[...{Table}.querySelectorAll('th.column')].map(x => Math.round(x.getBoundingClientRect().x))")).Split(',').Select(int.Parse).ToArray();
        Assert.Equal(places.Order(), places);
        Assert.Equal("true", await browser.Text($"{Table}.querySelector('th.row').getBoundingClientRect().x < {places[0]}"));
    }

    [Fact]
    public async Task A_saved_svg_is_a_picture_to_the_browser()
    {
        await browser.Open($"<!DOCTYPE html><title>svg</title>{SvgRenderer.Render(Maps.Hostile)}");
        Assert.Equal("svg 2", await browser.Text("document.title + ' ' + document.querySelectorAll('rect > title').length"));
        Assert.Empty(browser.Complaints);
        Assert.Empty(browser.Requests);
    }

    private static string Cell(int row, int column) => $"{Table}.querySelector('[data-row=\"{row}\"][data-column=\"{column}\"]')";

    private async Task Choose(string id, int index)
        => await browser.Text($"(s => (s.value = {index}, s.dispatchEvent(new Event('change'))))(document.getElementById('{id}'))");
}
