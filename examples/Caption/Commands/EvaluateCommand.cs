using System.CommandLine;
using Caption.Digits;
using Caption.Writing;
using Examples.Common;
using Spectre.Console;

namespace Caption.Commands;

/// <summary><c>evaluate</c>: judges a model on pictures of digits that it has not seen.</summary>
internal sealed class EvaluateCommand
{
    // All are drawn before they are judged.
    private const int MostPictures = 100_000;

    private readonly Option<string> load = CaptionCommand.Load();
    private readonly Option<int> pictures = CommonOptions.Count("--pictures", "How many pictures.", 2000, most: MostPictures);
    private readonly Option<int> beam = CommonOptions.Beam();
    private readonly Option<long> seed = CommonOptions.Seed();

    public static Command Create(IAnsiConsole console)
    {
        var self = new EvaluateCommand();
        return new Command("evaluate", "Judge a model: captions that are right word for word, and words whose attention is strongest on their digit.")
        {
            self.load, self.pictures, self.beam, self.seed,
        }.WithAction((parsed, cancellation) => self.Run(parsed, console, cancellation));
    }

    private int Run(ParseResult parsed, IAnsiConsole console, CancellationToken cancellation)
    {
        using var captioner = Captioner.Load(parsed.GetRequiredValue(load));
        var scenes = Scene.DrawMany(DigitSet.Load().Test, parsed.GetValue(pictures), parsed.GetValue(seed));
        console.PrintLine(captioner.Judge(scenes, parsed.GetValue(beam), cancellation).ToString());
        return ExitCode.Success;
    }
}
