using Caption.Commands;

namespace ContextAware.Models.Tests.Caption;

public sealed class CaptionCommandTests : IDisposable
{
    private readonly CommandLine program = new(CaptionCommand.RunAsync);

    private string Run => program.File("run");

    private string Model => program.File("run/model.safetensors");

    public void Dispose() => program.Dispose();

    [Fact]
    public async Task It_learns_is_judged_and_shown()
    {
        Assert.Equal(0, await program.Run("train", "--hidden", "16", "--lambda", "0.01", "--pictures", "32", "--batch", "16", "--epochs", "1", "--folder", Run));
        Assert.Contains("8,511 digits to learn, 497 to watch", program.Output);
        Assert.Contains("epoch 1", program.Output);
        Assert.Contains("wrong captions", File.ReadAllText(program.File("run/curves.svg")));
        Assert.Equal(0, await program.Run("evaluate", "--load", Model, "--pictures", "10", "--beam", "2"));
        Assert.Matches(@"^exact match [0-9.]+%, words [0-9.]+%, pointing [0-9.]+% on 10 pictures\r?\n$", program.Output);

        var page = program.File("page.html");
        Assert.Equal(0, await program.Run("show", "--load", Model, "--count", "2", "--page", page));
        Assert.Contains("<canvas", File.ReadAllText(page));
        Assert.Equal(0, await program.Run("show", program.WritePicture("black.bmp", 96, 40), "--load", Model, "--page", page));
        Assert.StartsWith("black.bmp:", program.Output);
    }

    [Fact]
    public async Task A_stopped_training_goes_on_to_the_model_of_one_that_was_not_stopped()
    {
        string[] how = ["train", "--hidden", "16", "--pictures", "64", "--batch", "8", "--epochs", "2"];
        Assert.Equal(0, await program.Run([.. how, "--folder", Run]));
        Assert.Equal(130, await program.RunUntil("epoch 1", [.. how, "--folder", program.File("stopped")]));
        Assert.Equal(0, await program.Run("train", "--resume", "--folder", program.File("stopped")));
        Assert.Equal(File.ReadAllBytes(Model), File.ReadAllBytes(program.File("stopped/model.safetensors")));
    }

    [Fact]
    public async Task The_model_that_comes_with_it_names_digits_that_it_has_not_seen_and_points_at_them()
    {
        Assert.Equal(0, await program.Run("evaluate", "--pictures", "200"));
        var figures = System.Text.RegularExpressions.Regex.Matches(program.Output, "([0-9.]+)%").Select(match => double.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.True(figures[0] >= 93 && figures[2] >= 95, program.Output);
    }

    [Fact]
    public async Task A_mistake_is_one_clear_line()
    {
        var text = program.File("text.png");
        File.WriteAllText(text, "no picture");
        // A PNG's signature and header for 96×40 grey pixels, and then nothing that could be unpacked.
        var broken = program.File("broken.png");
        File.WriteAllBytes(broken, [137, .. "PNG\r\n"u8, 26, 10, 0, 0, 0, 13, .. "IHDR"u8, 0, 0, 0, 96, 0, 0, 0, 40, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, .. "IDAT"u8, 1, 2, 3, 4, 0, 0, 0, 0]);
        var page = program.File("page.html");
        Assert.Equal($"caption: Can't read {program.File("none.png")}: there is no such file.", await program.Fail("show", program.File("none.png"), "--page", page));
        Assert.StartsWith($"caption: Can't read {text}: it is no picture of a kind that is known here", await program.Fail("show", text, "--page", page));
        Assert.Equal($"caption: Can't use {program.WritePicture("small.bmp", 20, 30)}: expected 96×40 pixels, got 20×30.", await program.Fail("show", program.File("small.bmp"), "--page", page));
        Assert.Contains("broken", await program.Fail("show", broken, "--page", page));
        Assert.StartsWith($"caption: Can't load the model {text}: ", await program.Fail("evaluate", "--load", text));
        Assert.Contains("there is no folder", await program.Fail("show", "--page", program.File("no/page.html")));
        Assert.Contains("--epochs must be a whole number, at least 1, not '0'", await program.Fail("train", "--epochs", "0"));
        Assert.Contains("--lambda must be a number, at least 0, not '-1'", await program.Fail("train", "--lambda", "-1"));
        Assert.False(File.Exists(page));
    }
}
