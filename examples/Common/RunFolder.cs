using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Serialization;
using ContextAware.IO;
using ContextAware.Models.Training;
using ContextAware.Visualization;
using Spectre.Console;

namespace Examples.Common;

/// <summary>
/// The folder of one training: what it was asked for, its state, its figures, its curves and its model.
/// </summary>
/// <param name="path">The folder.</param>
/// <param name="figures">What judging measures.</param>
public sealed class RunFolder(string path, Figures figures)
{
    /// <summary>How settings are written.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>The model.</summary>
    public string Model => File("model.safetensors");

    /// <summary>The figures, a JSON object a line.</summary>
    public string Metrics => File("metrics.jsonl");

    /// <summary>The curves of loss and error.</summary>
    public string Curves => File("curves.svg");

    /// <summary>What was asked for.</summary>
    public string Configuration => File("run.json");

    /// <summary>Begins a training in a folder, or takes up the one that is there.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="folder">Its option for the folder.</param>
    /// <param name="resume">Its option for taking up.</param>
    /// <param name="figures">What judging measures.</param>
    /// <param name="train">Trains: as this command line says, in this folder, from the beginning or not.</param>
    /// <exception cref="UserException">There is no run to take up, or the command line asks for something else.</exception>
    public static int Begin(ParseResult parsed, Option<string> folder, Option<bool> resume, Figures figures, Func<ParseResult, RunFolder, bool, int> train)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        ArgumentNullException.ThrowIfNull(train);
        var run = new RunFolder(parsed.GetRequiredValue(folder), figures);
        return parsed.GetValue(resume) ? train(run.Recorded(parsed, folder, resume), run, false) : train(parsed, run, true);
    }

    /// <summary>How the state is kept.</summary>
    /// <param name="resume">Whether to take up the run in the folder.</param>
    /// <param name="everySteps">How many steps lie between; null goes by the clock.</param>
    public CheckpointOptions Checkpoints(bool resume, long? everySteps = null) => new(path) { Resume = resume, EverySteps = everySteps };

    /// <summary>Makes the folder and writes down what was asked for.</summary>
    /// <param name="parsed">The command line: with it the run can be done again, and is taken up.</param>
    /// <param name="details">Whatever else should be known of the run.</param>
    /// <exception cref="UserException">The folder can't be written, or holds a run.</exception>
    public void Record(ParseResult parsed, object details) => FileErrors.Guard($"write to the folder {path}", () =>
    {
        Directory.CreateDirectory(path);
        if (System.IO.File.Exists(File(CheckpointOptions.FileName)))
            throw new UserException($"The folder {path} holds a training already: take it up with --resume, or give another folder.");
        AtomicFile.WriteText(Configuration, JsonSerializer.Serialize(new { Arguments = parsed.Tokens.Select(token => token.Value), Details = details }, Json) + "\n");
    });

    /// <summary>The command line that the run in the folder was started with.</summary>
    /// <param name="parsed">The command line that takes the run up.</param>
    /// <param name="allowed">The options that it may have.</param>
    /// <exception cref="UserException">There is no run, or the command line asks for something else.</exception>
    public ParseResult Recorded(ParseResult parsed, params Option[] allowed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        if (parsed.CommandResult.Children.OfType<OptionResult>().FirstOrDefault(option => !option.Implicit && !allowed.Contains(option.Option)) is { } other)
            throw new UserException($"A training that is taken up keeps what it was asked for: leave {other.Option.Name} out.");
        // By the same commands: a value is looked up by its option.
        var again = parsed.RootCommandResult.Command.Parse(FileErrors.Guard($"take up the training in {path}", ReadArguments), CommandProgram.Parsing);
        return again.Errors.Count == 0 && again.CommandResult.Command == parsed.CommandResult.Command ? again : throw Broken(null);
    }

    /// <summary>Trains, shows it, and keeps figures, curves and the best model while it goes on.</summary>
    /// <param name="console">Where to show it.</param>
    /// <param name="train">Trains.</param>
    /// <param name="save">Writes the model as it is.</param>
    /// <param name="cancellation">Stops after the step at hand.</param>
    /// <exception cref="UserException">A file can't be used, or the loss is no longer finite.</exception>
    public TrainingSummary Show(
        IAnsiConsole console, Func<IProgress<TrainingEvent>, CancellationToken, TrainingSummary> train, Action save, CancellationToken cancellation)
    {
        using var log = new MetricsLog(Metrics);
        return TrainingDisplay.Show(console, figures, shown => FileErrors.Guard($"keep the training in {path}", () =>
            train(new ProgressList(new ClearingProgress(this), log, new SavingProgress(save), new CurvesProgress(this), shown), cancellation)));
    }

    /// <summary>Trains, shows it, and keeps everything of it; the model at the end too, and when stopped.</summary>
    /// <param name="trainer">Trains.</param>
    /// <param name="save">Writes the model as it is.</param>
    /// <param name="console">Where to show it.</param>
    /// <param name="cancellation">Stops after the step at hand.</param>
    /// <returns>What the program tells the shell.</returns>
    /// <exception cref="UserException">A file can't be used, or the loss is no longer finite.</exception>
    public int Train<TBatch>(Trainer<TBatch> trainer, Action save, IAnsiConsole console, CancellationToken cancellation)
        where TBatch : ITrainingBatch
    {
        ArgumentNullException.ThrowIfNull(trainer);
        return TrainingDisplay.End(console, figures, Show(console, trainer.Run, save, cancellation), save, Model);
    }

    /// <summary>Deletes what a process left half written that was killed. Nobody else may be training in the folder.</summary>
    internal void RemoveLeftovers()
    {
        foreach (var written in new[] { Model, Curves, Configuration }) AtomicFile.RemoveLeftovers(written);
    }

    /// <summary>Draws the curves of what the figures tell so far.</summary>
    public void DrawCurves()
    {
        var lines = MetricsLog.Read(Metrics);
        var epochs = lines.Where(line => line.Event == "epoch").ToList();
        var loss = new LineChart("Training loss")
        {
            XAxis = "step",
            Series = [new("each step", Points("step", line => line.Loss)), new("mean of the epoch", Points("epoch", line => line.Loss))],
        };
        var error = new LineChart(figures.Error)
        {
            XAxis = "epoch",
            YAxis = "%",
            Series = [new(figures.Error, [.. epochs.Where(line => line.Validation is not null).Select(line => (line.Epoch + 1.0, 100 * line.Validation!.Value))])],
        };
        LineChart.Save([loss, error], Curves);

        (double, double)[] Points(string kind, Func<MetricsLine, double?> figure) =>
            [.. lines.Where(line => line.Event == kind && figure(line) is not null).Select(line => ((double)line.Step, figure(line)!.Value))];
    }

    private string File(string name) => System.IO.Path.Combine(path, name);

    private string[] ReadArguments()
    {
        try
        {
            using var json = JsonDocument.Parse(System.IO.File.ReadAllText(Configuration));
            return [.. json.RootElement.GetProperty("arguments").EnumerateArray().Select(argument => argument.GetString() ?? "")];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw Broken(error);
        }
    }

    private UserException Broken(Exception? cause)
    {
        var message = $"Can't take up the training in {path}: {Configuration} is broken.";
        return cause is null ? new(message) : new(message, cause);
    }
}
