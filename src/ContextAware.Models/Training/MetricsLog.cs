using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ContextAware.IO;

namespace ContextAware.Models.Training;

/// <summary>Writes the figures of a training to a file, a JSON object a line (jsonlines.org), each as soon as it is known.</summary>
/// <remarks>
/// When a run is taken up, lines of steps that are taken again are cut off first, so that the file tells of one run however
/// often it was killed. Only the process that trains may write it.
/// </remarks>
public sealed class MetricsLog : IProgress<TrainingEvent>, IDisposable
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly string path;
    private readonly int interval;
    private StreamWriter? writer;
    private StepTaken? last;
    private double sum;
    private int steps;

    /// <summary>Takes a file; nothing is written before training starts.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stepInterval">A line for every so many steps, with their mean loss; each checkpoint ends such a line too.</param>
    public MetricsLog(string path, int stepInterval = 50)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(stepInterval, 1);
        (this.path, interval) = (path, stepInterval);
    }

    /// <summary>Reads a file. A last line that was cut off by a kill is left out.</summary>
    /// <exception cref="InvalidDataException">Another line is none of a log.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static IReadOnlyList<MetricsLine> Read(string path)
    {
        // It may still be written.
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = reader.ReadToEnd();
        var whole = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. whole.Select((line, index) => Parse(line) ?? throw new InvalidDataException($"{path}, line {index + 1}: expected figures of a training as JSON."))];
    }

    /// <inheritdoc/>
    public void Report(TrainingEvent value)
    {
        switch (value)
        {
            case TrainingStarted started:
                Open(started);
                Write(new() { Event = "start", Step = value.Step, Epoch = value.Epoch, Seconds = Seconds(value) });
                break;
            case StepTaken step:
                last = step;
                sum += step.Loss;
                steps++;
                if (step.Step % interval == 0) WriteStep();
                break;
            case CheckpointSaved:
                // A run that is taken up from here knows nothing of the losses before.
                WriteStep();
                break;
            case EpochEnded epoch:
                Write(new()
                {
                    Event = "epoch", Step = value.Step, Epoch = value.Epoch, Seconds = Seconds(value),
                    Loss = epoch.Loss, Validation = epoch.Validation, IsBest = epoch.Validation is null ? null : epoch.IsBest,
                });
                break;
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => writer?.Dispose();

    // A checkpoint tells its step, and which epochs were over: what the file has beyond it comes again.
    private void Open(TrainingStarted started)
    {
        writer?.Dispose();
        (last, sum, steps) = (null, 0, 0);
        var kept = started.Step > 0 && File.Exists(path)
            ? Read(path).Where(line => line.Step <= started.Step && (line.Event != "epoch" || line.Epoch < started.Epoch))
            : [];
        AtomicFile.RemoveLeftovers(path);
        AtomicFile.WriteText(path, string.Concat(kept.Select(line => Text(line))));
        writer = new(path, append: true, new UTF8Encoding(false)) { AutoFlush = true };
    }

    private void WriteStep()
    {
        if (last is not { } step) return;
        Write(new()
        {
            Event = "step", Step = step.Step, Epoch = step.Epoch, Seconds = Seconds(step),
            Loss = sum / steps, LearningRate = step.LearningRate, GradientNorm = step.GradientNorm, Examples = step.Examples,
        });
        (last, sum, steps) = (null, 0, 0);
    }

    private void Write(MetricsLine line) => writer?.Write(Text(line));

    private static string Text(MetricsLine line) => JsonSerializer.Serialize(line, Json) + "\n";

    private static double Seconds(TrainingEvent value) => Math.Round(value.Elapsed.TotalSeconds, 3);

    private static MetricsLine? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<MetricsLine>(line, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
