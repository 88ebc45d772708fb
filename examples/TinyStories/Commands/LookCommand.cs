using System.CommandLine;
using ContextAware.Visualization;
using Examples.Common;
using TinyStories.Stories;

namespace TinyStories.Commands;

/// <summary><c>look</c>: shows where each token of a text looks.</summary>
internal sealed class LookCommand
{
    private readonly Option<string> model = ModelOptions.Model();
    private readonly Option<string> tokenizer = ModelOptions.Tokenizer();
    private readonly Option<string> text = new("--text") { Description = "The text to read.", DefaultValueFactory = _ => "Once upon a time, there was a little girl named Lily.", HelpName = "TEXT" };
    private readonly Option<string> map = CommonOptions.File("--map", "The page to write.", "attention.html");

    public static Command Create(TextWriter error)
    {
        var self = new LookCommand();
        var command = new Command("look", "Draw where each token of a text looks, in any layer and head, on a page of its own.")
        {
            self.model, self.tokenizer, self.text, self.map,
        };
        command.SetAction((parsed, cancellation) => self.Run(parsed, error, cancellation));
        return command;
    }

    private async Task<int> Run(ParseResult parsed, TextWriter error, CancellationToken cancellation)
    {
        var page = parsed.GetRequiredValue(map);
        OutputFile.Check(page);
        using var teller = Storyteller.Load(parsed.GetRequiredValue(model), parsed.GetRequiredValue(tokenizer));
        cancellation.ThrowIfCancellationRequested();
        var seen = teller.Look(parsed.GetRequiredValue(text));
        FileErrors.Guard($"write {page}", () => HtmlRenderer.Save([seen], page, new() { Title = "TinyStories" }));
        await error.WriteLineAsync(VisibleText.Of($"Written: {Path.GetFullPath(page)}")).ConfigureAwait(false);
        return ExitCode.Success;
    }
}
