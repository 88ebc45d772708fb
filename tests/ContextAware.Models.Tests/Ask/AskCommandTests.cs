using System.Globalization;
using System.Text.RegularExpressions;
using Ask.Commands;
using ContextAware.Testing;

namespace ContextAware.Models.Tests.Ask;

public sealed class AskCommandTests : IDisposable
{
    private readonly CommandLine program = new(AskCommand.RunAsync);

    private string Run => program.File("run");

    private string Model => program.File("run/model.safetensors");

    public void Dispose() => program.Dispose();

    [Theory]
    [InlineData]
    [InlineData("--stacked")]
    public async Task It_learns_is_judged_and_shown(params string[] more)
    {
        Assert.Equal(0, await program.Run(["train", "--hidden", "16", "--pictures", "16", "--batch", "8", "--epochs", "1", "--folder", Run, .. more]));
        Assert.Contains("16 pictures to learn from, 200 to watch", program.Output);
        Assert.Equal(0, await program.Run("evaluate", "--load", Model));
        Assert.Matches(@"^non-relational [0-9.]+% of 2,000 questions\r?\nrelational [0-9.]+% of 2,000 questions\r?\n$", program.Output);

        var page = program.File("page.html");
        Assert.Equal(0, await program.Run("show", "--load", Model, "--count", "1", "--page", page));
        Assert.Contains("<canvas", File.ReadAllText(page));
        Assert.Equal(0, await program.Run("show", "--load", Model, "--picture", program.WritePicture("black.bmp", 75, 75), "--ask", "Is the red object on the left?", "--page", page));
        Assert.StartsWith("is the red object on the left? ", program.Output);
    }

    [Fact]
    public async Task It_reads_the_pictures_of_easy_VQA()
    {
        var folder = SharedData.Unpack("easy_vqa.tar.xz");
        Assert.Equal(0, await program.Run("train", "--data", folder, "--hidden", "16", "--minutes", "0.01", "--folder", Run));
        Assert.Contains("3,800 pictures to learn from, 200 to watch", program.Output);
    }

    [Fact]
    public async Task The_model_that_comes_with_it_answers_about_pictures_that_it_has_not_seen()
    {
        Assert.Equal(0, await program.Run("evaluate"));
        var figures = Regex.Matches(program.Output, "([0-9.]+)%").Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).ToArray();
        Assert.True(figures[0] >= 98 && figures[1] >= 80, program.Output);
    }

    [Fact]
    public async Task A_mistake_is_one_clear_line()
    {
        var picture = program.WritePicture("black.bmp", 75, 75);
        var page = program.File("page.html");
        Assert.Contains("The model knows no word 'purple'; it knows", await program.Fail("show", "--picture", picture, "--ask", "what is the shape of the purple object", "--page", page));
        Assert.Equal("ask: A question is empty.", await program.Fail("show", "--picture", picture, "--ask", "?", "--page", page));
        Assert.Contains("expected 75×75 pixels, got 9×9", await program.Fail("show", "--picture", program.WritePicture("small.bmp", 9, 9), "--ask", "is", "--page", page));
        Assert.Contains("no question", await program.Fail("show", "--picture", picture, "--page", page));
        Assert.Contains("no picture", await program.Fail("show", "--ask", "is", "--page", page));
        Assert.Contains($"Can't find train{Path.DirectorySeparatorChar}questions.json in {program.Folder}", await program.Fail("evaluate", "--data", program.Folder));
        Directory.CreateDirectory(program.File("train"));
        var questions = program.File("train/questions.json");
        foreach (var (text, reason) in new[] { ("[]", "it holds no question"), ("{", "Can't read"), ("[[\"a\", 1, 2]]", "expected [question, answer, number]"), ("[[\"?\", \"yes\", 2]]", "is empty"), ("{\"a\":1}", "no list of questions"), ("[[\"is it\",\"yes\",\"7\"]]", "expected [question, answer, number]"), ("[[\"is\\ud800it\",\"yes\",7]]", "expected [question, answer, number]"), ("[[\"a\", \"b\", 2]]", "2.png: there is no such file") })
        {
            File.WriteAllText(questions, text);
            Assert.Contains(reason, await program.Fail("evaluate", "--data", program.Folder));
        }

        Assert.Contains("--count must be", await program.Fail("show", "--count", "2147483647"));
        Assert.Contains("--pictures must be", await program.Fail("train", "--pictures", "2147483647"));
        Assert.Contains("--minutes", await program.Fail("train", "--minutes", "-1"));
        Assert.False(File.Exists(page));
    }
}
