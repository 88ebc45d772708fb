using System.CommandLine;
using Caption.Digits;
using Caption.Writing;
using ContextAware.Visualization;
using Examples.Common;
using Pictures;
using Spectre.Console;

namespace Caption.Commands;

/// <summary><c>show</c>: writes captions and draws a page of where the model looked.</summary>
internal sealed class ShowCommand
{
    private readonly Argument<string[]> files = new("picture") { Description = $"Picture files of {Scene.Width}×{Scene.Height} pixels, white on black. Without any: pictures of test digits.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string> load = CaptionCommand.Load();
    private readonly Option<string> page = CommonOptions.File("--page", "Where to draw the pictures with the attention laid over them.", "caption.html");
    private readonly Option<int> count = CommonOptions.Count("--count", "How many pictures of test digits.", 12, most: CommonOptions.MostOnPage);
    private readonly Option<int> beam = CommonOptions.Beam();
    private readonly Option<long> seed = CommonOptions.Seed();

    public static Command Create(IAnsiConsole console)
    {
        var self = new ShowCommand();
        return new Command("show", "Write captions, and draw a page that shows where the model looked for each word.")
        {
            self.files, self.load, self.page, self.count, self.beam, self.seed,
        }.WithAction((parsed, cancellation) => self.Run(parsed, console, cancellation));
    }

    private int Run(ParseResult parsed, IAnsiConsole console, CancellationToken cancellation)
    {
        var path = parsed.GetRequiredValue(page);
        OutputFile.Check(path);
        using var captioner = Captioner.Load(parsed.GetRequiredValue(load));
        var given = parsed.GetValue(files) ?? [];
        List<(string Name, byte[] Pixels)> pictures = given.Length > 0
            ? [.. given.Select(file => (Path.GetFileName(file), PictureFile.Read(file, Scene.Height, Scene.Width, 1).Pixels))]
            : [.. Scene.DrawMany(DigitSet.Load().Test, parsed.GetValue(count), parsed.GetValue(seed)).Select(scene => (string.Join(' ', scene.Words), scene.Pixels))];
        var captions = captioner.Write([.. pictures.Select(picture => picture.Pixels)], parsed.GetValue(beam), cancellation);
        foreach (var ((name, _), caption) in pictures.Zip(captions)) console.PrintLine($"{name}: {string.Join(' ', caption.Words)}");
        var maps = pictures.Zip(captions, (picture, caption) => new PictureMap(
            picture.Pixels, Scene.Height, Scene.Width, 1, [.. caption.Words.Select((word, i) => new PictureStep(word, caption.Map(i)))], picture.Name));
        FileErrors.Guard($"write {path}", () => PictureRenderer.Save([.. maps], path, new() { Title = "Captions, and where the model looked" }));
        console.PrintLine($"Page: {path}");
        return ExitCode.Success;
    }
}
