using System.CommandLine;
using Examples.Common;
using TinyStories.Stories;

namespace TinyStories.Commands;

/// <summary><c>convert</c>: writes a llama2.c model as safetensors.</summary>
internal sealed class ConvertCommand
{
    private readonly Option<string> model = ModelOptions.Model();
    private readonly Option<string> save = CommonOptions.File("--save", "The file to write.", "stories260K.safetensors");

    public static Command Create(TextWriter error)
    {
        var self = new ConvertCommand();
        var command = new Command("convert", "Write a llama2.c model as safetensors, with the names and layouts of Llama in Python.") { self.model, self.save };
        command.SetAction(async (parsed, _) =>
        {
            var to = parsed.GetRequiredValue(self.save);
            OutputFile.Check(to);
            StoryModel.Convert(parsed.GetRequiredValue(self.model), to);
            await error.WriteLineAsync(VisibleText.Of($"Written: {Path.GetFullPath(to)}")).ConfigureAwait(false);
            return ExitCode.Success;
        });
        return command;
    }
}
