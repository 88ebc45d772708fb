using System.CommandLine;
using Examples.Common;
using Pronounce.Speech;
using Pronounce.Words;
using Spectre.Console;
using static TorchSharp.torch;

namespace Pronounce.Commands;

/// <summary><c>pack</c>: halves a model's file, and says what that costs.</summary>
internal sealed class PackCommand
{
    private readonly Option<string> load = CommonOptions.RequiredFile("--load", "The model to pack.");
    private readonly Option<string> save = CommonOptions.RequiredFile("--save", "Where to write it.");
    private readonly Option<int> beam = CommonOptions.Beam();

    public static Command Create(IAnsiConsole console)
    {
        var self = new PackCommand();
        return new Command("pack", "Write a model with numbers of 16 bits, and judge both files on CMUdict's development words.")
        {
            self.load, self.save, self.beam,
        }.WithAction((parsed, cancellation) => self.Run(parsed, console, cancellation));
    }

    private int Run(ParseResult parsed, IAnsiConsole console, CancellationToken cancellation)
    {
        var (from, to) = (parsed.GetRequiredValue(load), parsed.GetRequiredValue(save));
        OutputFile.Check(to);
        using var whole = Pronouncer.Load(from, CPU);
        var words = WordSets.Cmudict(whole.Settings.Stress).Dev;
        whole.Save(to, ScalarType.Float16);
        using var packed = Pronouncer.Load(to, CPU);
        console.PrintLine($"{from}: {new FileInfo(from).Length:#,0} bytes, dev {whole.Judge(words, parsed.GetValue(beam), cancellation)}");
        console.PrintLine($"{to}: {new FileInfo(to).Length:#,0} bytes, dev {packed.Judge(words, parsed.GetValue(beam), cancellation)}");
        return ExitCode.Success;
    }
}
