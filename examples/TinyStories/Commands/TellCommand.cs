using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ContextAware.Models.Decoding.Sampling;
using ContextAware.Models.Generation;
using Examples.Common;
using TinyStories.Stories;

namespace TinyStories.Commands;

/// <summary><c>tell</c>: tells a story while it comes to mind.</summary>
internal sealed class TellCommand
{
    private readonly Option<string> model = ModelOptions.Model();
    private readonly Option<string> tokenizer = ModelOptions.Tokenizer();
    private readonly Option<string> prompt = new("--prompt") { Description = "How the story begins.", DefaultValueFactory = _ => "", HelpName = "TEXT" };
    private readonly Option<int> tokens = CommonOptions.Count("--tokens", "The most tokens to tell.", 200);
    private readonly Option<double> temperature = CommonOptions.Number("--temperature", "0 takes the likeliest token each time; 1 draws as the model says.", 0.0, n => n is >= 0 and < 1e6, "a number, at least 0");
    private readonly Option<int> topK = CommonOptions.Count("--top-k", "Draw from this many likeliest tokens only; 0 for all.", 0, least: 0);
    private readonly Option<double> topP = CommonOptions.Number("--top-p", "Draw from the likeliest tokens that make up this share only.", 1.0, n => n is > 0 and <= 1, "a number above 0, at most 1");
    private readonly Option<double> minP = CommonOptions.Number("--min-p", "Leave out tokens less probable than this share of the likeliest.", 0.0, n => n is >= 0 and <= 1, "a number from 0 to 1");
    private readonly Option<double> penalty = CommonOptions.Number("--repetition-penalty", "Above 1: makes tokens that were told before less likely.", 1.0, n => n is > 0 and < 1e6, "a number above 0");
    private readonly Option<long> seed = CommonOptions.Seed();
    private readonly Option<bool> noCache = new("--no-cache") { Description = "Read the whole story again for each token: the same story, slowly." };

    public static Command Create(Stream output, TextWriter error)
    {
        var self = new TellCommand();
        var command = new Command("tell", "Tell a story, token by token.")
        {
            self.model, self.tokenizer, self.prompt, self.tokens, self.temperature, self.topK, self.topP, self.minP, self.penalty, self.seed, self.noCache,
        };
        command.SetAction((parsed, cancellation) => self.Run(parsed, output, error, cancellation));
        return command;
    }

    private async Task<int> Run(ParseResult parsed, Stream output, TextWriter error, CancellationToken cancellation)
    {
        using var teller = Storyteller.Load(parsed.GetRequiredValue(model), parsed.GetRequiredValue(tokenizer));
        var shown = new ControlFilter();
        var (start, first, pieces) = (Stopwatch.GetTimestamp(), TimeSpan.Zero, 0);
        try
        {
            await foreach (var piece in teller.Tell(parsed.GetRequiredValue(prompt), Generation(parsed), cancellation).ConfigureAwait(false))
            {
                await output.WriteAsync(shown.Filter(piece.Span), cancellation).ConfigureAwait(false);
                await output.FlushAsync(cancellation).ConfigureAwait(false);
                if (pieces++ == 0) first = Stopwatch.GetElapsedTime(start);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await error.WriteLineAsync().ConfigureAwait(false);
            throw;
        }

        // The first piece has waited for the prompt, and for the code to be compiled.
        var seconds = (Stopwatch.GetElapsedTime(start) - first).TotalSeconds;
        var speed = pieces > 1 ? string.Create(CultureInfo.InvariantCulture, $", {(pieces - 1) / seconds:F0} a second") : "";
        await error.WriteLineAsync($"{Environment.NewLine}({pieces} tokens{speed})").ConfigureAwait(false);
        return ExitCode.Success;
    }

    private GenerationOptions Generation(ParseResult parsed) => new()
    {
        MaximumLength = parsed.GetValue(tokens),
        Seed = parsed.GetValue(seed),
        UseCache = !parsed.GetValue(noCache),
        Sampling = new()
        {
            Temperature = parsed.GetValue(temperature),
            TopK = parsed.GetValue(topK) is > 0 and var k ? k : null,
            TopP = parsed.GetValue(topP),
            MinP = parsed.GetValue(minP),
            RepetitionPenalty = parsed.GetValue(penalty),
        },
    };
}
