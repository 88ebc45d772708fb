using System.CommandLine;
using Ask.Answering;
using Ask.Questions;
using ContextAware.Visualization;
using Examples.Common;
using Pictures;
using Spectre.Console;

namespace Ask.Commands;

/// <summary><c>show</c>: answers questions and draws a page of where the model looked.</summary>
internal sealed class ShowCommand
{
    private readonly Option<string> load = AskCommand.Load();
    private readonly Option<string?> data = AskCommand.Data();
    private readonly Option<string?> picture = CommonOptions.File("--picture", "A picture file to ask about, as large as those that the model learned from: 75×75 pixels for shapes, 64×64 for easy-VQA. Without it: test pictures with their own questions.");
    private readonly Option<string[]> ask = new("--ask") { Description = "Questions about the picture.", AllowMultipleArgumentsPerToken = true, HelpName = "TEXT" };
    private readonly Option<int> count = CommonOptions.Count("--count", "How many test pictures.", 3, most: CommonOptions.MostOnPage);
    private readonly Option<string> page = CommonOptions.File("--page", "Where to draw the pictures with the attention laid over them.", "ask.html");
    private readonly Option<long> seed = CommonOptions.Seed();

    public static Command Create(IAnsiConsole console)
    {
        var self = new ShowCommand();
        return new Command("show", "Answer questions, and draw a page that shows where the model looked.")
        {
            self.load, self.data, self.picture, self.ask, self.count, self.page, self.seed,
        }.WithAction((parsed, cancellation) => self.Run(parsed, console, cancellation));
    }

    private int Run(ParseResult parsed, IAnsiConsole console, CancellationToken cancellation)
    {
        var path = parsed.GetRequiredValue(page);
        OutputFile.Check(path);
        using var asker = Asker.Load(parsed.GetRequiredValue(load));
        var maps = new List<PictureMap>();
        foreach (var (pixels, questions) in Pictures(parsed, asker.Settings.Side))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var (question, given) in questions.Zip(asker.Answer(pixels, [.. questions.Select(question => question.Words)])))
            {
                var truth = question.Answer.Length == 0 || question.Answer == given.Text ? "" : $" (right: {question.Answer})";
                var title = $"{string.Join(' ', question.Words)}? {given.Text}{truth}";
                console.PrintLine(title);
                PictureStep[] steps = [.. given.Maps.Select((map, i) => new PictureStep($"map {i + 1}", map))];
                maps.Add(new(pixels, asker.Settings.Side, asker.Settings.Side, 3, steps, title));
            }
        }

        FileErrors.Guard($"write {path}", () => PictureRenderer.Save(maps, path, new() { Title = "Questions, answers, and where the model looked" }));
        console.PrintLine($"Page: {path}");
        return ExitCode.Success;
    }

    private IEnumerable<(byte[] Pixels, IReadOnlyList<PictureQuestion> Questions)> Pictures(ParseResult parsed, int side)
    {
        var asked = parsed.GetValue(ask) ?? [];
        if (parsed.GetValue(picture) is { } file)
        {
            if (asked.Length == 0) throw new UserException("There is a picture but no question: give one with --ask.");
            return [(PictureFile.Read(file, side, side, 3).Pixels, [.. asked.Select(text => new PictureQuestion(PictureQuestion.Split(text), "", ""))])];
        }

        if (asked.Length > 0) throw new UserException("There is a question but no picture: give one with --picture.");
        var test = parsed.GetValue(data) is { } folder ? EasyVqaSet.Read(folder).Test : ShapeSet.Protocol(parsed.GetValue(seed), 0).Test;
        return Enumerable.Range(0, Math.Min(test.Count, parsed.GetValue(count))).Select(i => (test.Pixels(i), test.Questions(i)));
    }
}
