using System.CommandLine;
using TinyStories.Stories;

namespace TinyStories.Commands;

/// <summary><c>convert</c>: writes a llama2.c model as safetensors.</summary>
internal sealed class ConvertCommand
{
    private readonly Option<string> model = Options.Model();
    private readonly Option<string> save = new("--save") { Description = "The file to write.", DefaultValueFactory = _ => "stories260K.safetensors", HelpName = "FILE" };

    public static Command Create(TextWriter error)
    {
        var self = new ConvertCommand();
        var command = new Command("convert", "Write a llama2.c model as safetensors, with the names and layouts of Llama in Python.") { self.model, self.save };
        command.SetAction(async (parsed, _) =>
        {
            ModelFile.Convert(parsed.GetRequiredValue(self.model), parsed.GetRequiredValue(self.save));
            await error.WriteLineAsync($"Written: {Path.GetFullPath(parsed.GetRequiredValue(self.save))}").ConfigureAwait(false);
            return ExitCode.Success;
        });
        return command;
    }
}
