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
    private readonly Option<string> load = new("--load") { Description = "The model to pack.", Required = true, HelpName = "FILE" };
    private readonly Option<string> save = new("--save") { Description = "Where to write it.", Required = true, HelpName = "FILE" };
    private readonly Option<int> beam = CommonOptions.Beam();

    public static Command Create(IAnsiConsole console)
    {
        var self = new PackCommand();
        return new Command("pack", "Write a model with numbers of 16 bits, and judge both files on CMUdict's development words.")
        {
            self.load, self.save, self.beam,
        }.WithAction((parsed, _) => self.Run(parsed, console));
    }

    private int Run(ParseResult parsed, IAnsiConsole console)
    {
        var (from, to) = (parsed.GetRequiredValue(load), parsed.GetRequiredValue(save));
        OutputFile.Check(to);
        using var whole = Pronouncer.Load(from, CPU);
        var words = WordSets.Cmudict(whole.Settings.Stress).Dev;
        whole.Save(to, ScalarType.Float16);
        using var packed = Pronouncer.Load(to, CPU);
        console.WriteLine($"{from}: {new FileInfo(from).Length:#,0} bytes, dev {whole.Judge(words, parsed.GetValue(beam))}");
        console.WriteLine($"{to}: {new FileInfo(to).Length:#,0} bytes, dev {packed.Judge(words, parsed.GetValue(beam))}");
        return ExitCode.Success;
    }
}
