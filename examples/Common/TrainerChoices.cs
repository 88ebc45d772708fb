using System.CommandLine;
using ContextAware.Models.Training;

namespace Examples.Common;

/// <summary>The options of a command line that say how to train.</summary>
public sealed class TrainerChoices
{
    private const int MostBatches = 10_000;

    private readonly int defaultEpochs;
    private readonly Option<int?> epochs;
    private readonly Option<double?> minutes = CommonOptions.Minutes("How long to train at most. With --schedule linear or cosine the learning rate falls to 0 by then.");
    private readonly Option<double> rate;
    private readonly Option<string> schedule = CommonOptions.Choice("--schedule", "How the learning rate goes: up and then down (linear, cosine, inverse-root), or always the same (constant).", "linear", "cosine", "inverse-root", "constant");
    private readonly Option<int?> warmup = CommonOptions.OptionalCount("--warmup", "How many steps the learning rate rises with --schedule inverse-root. Without it: 1000. linear and cosine rise for 2% of the training, constant not at all.");
    private readonly Option<string> optimizer = CommonOptions.Choice("--optimizer", "What moves the weights.", "adam", "adamw");
    private readonly Option<double> decay = CommonOptions.Number("--weight-decay", "How far weights are pulled to 0.", 0.0, n => n is >= 0 and < 1e6, "a number from 0 up");
    private readonly Option<int> accumulate = CommonOptions.Count("--accumulate", "How many batches make a step.", 1, most: MostBatches);
    private readonly Option<double?> average = CommonOptions.Optional<double>("--average", "Average the weights over the steps with this decay, 0.999 say, and use the average.", n => n is >= 0 and < 1, "a number from 0 up to but not including 1");
    private readonly Option<int?> patience = CommonOptions.OptionalCount("--patience", "Stop after so many epochs without a gain on the development set.");
    private readonly Option<bool> plateau = new("--plateau") { Description = "Halve the learning rate after an epoch without a gain." };

    /// <summary>Makes the options.</summary>
    /// <param name="defaultEpochs">How often to go through the data where nothing is said.</param>
    /// <param name="defaultRate">The highest learning rate where nothing is said.</param>
    public TrainerChoices(int defaultEpochs, double defaultRate)
    {
        this.defaultEpochs = defaultEpochs;
        epochs = CommonOptions.OptionalCount("--epochs", $"How often to go through the data. Without it: {defaultEpochs}, or as often as --minutes allows.");
        rate = CommonOptions.Number("--rate", "The highest learning rate.", defaultRate, n => n is > 0 and < 1e6, "a number above 0");
    }

    /// <summary>Gives a command the options.</summary>
    public void AddTo(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        Option[] all = [epochs, minutes, rate, schedule, warmup, optimizer, decay, accumulate, average, patience, plateau];
        foreach (var option in all) command.Options.Add(option);
    }

    /// <summary>What a command line says.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="checkpoints">How the state is kept; null keeps none.</param>
    /// <exception cref="UserException">Two options contradict each other.</exception>
    public TrainerOptions Read(ParseResult parsed, CheckpointOptions? checkpoints)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        TimeSpan? time = parsed.GetValue(minutes) is { } limit ? TimeSpan.FromMinutes(limit) : null;
        var kind = parsed.GetRequiredValue(schedule);
        if (parsed.GetValue(warmup) is not null && kind != "inverse-root")
            throw new UserException($"--warmup goes with --schedule inverse-root, not with {kind}.");
        return new()
        {
            Budget = new(parsed.GetValue(epochs) ?? (time is null ? defaultEpochs : null), time),
            LearningRate = parsed.GetValue(rate),
            Schedule = kind switch
            {
                "cosine" => LearningRateSchedules.Cosine(),
                "inverse-root" => LearningRateSchedules.InverseRoot(parsed.GetValue(warmup) ?? 1000),
                "constant" => LearningRateSchedules.Constant,
                _ => LearningRateSchedules.Linear(),
            },
            Optimizer = Enum.Parse<OptimizerKind>(parsed.GetRequiredValue(optimizer), ignoreCase: true),
            WeightDecay = parsed.GetValue(decay),
            Accumulation = parsed.GetValue(accumulate),
            AverageDecay = parsed.GetValue(average),
            Patience = parsed.GetValue(patience),
            Plateau = parsed.GetValue(plateau) ? new() : null,
            Checkpoints = checkpoints,
        };
    }
}
