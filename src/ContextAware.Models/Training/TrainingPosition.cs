using System.Text.Json;
using System.Text.Json.Serialization;

namespace ContextAware.Models.Training;

/// <summary>How far a training has come, in numbers: what is kept beside the tensors to take it up again.</summary>
internal sealed class TrainingPosition
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>What moves the weights.</summary>
    public required OptimizerKind Optimizer { get; init; }

    /// <summary>How many examples an epoch has.</summary>
    public required int ExampleCount { get; init; }

    /// <summary>How many steps each parameter has taken.</summary>
    public IReadOnlyList<long> ParameterSteps { get; set; } = [];

    /// <summary>Steps taken.</summary>
    public long Step { get; set; }

    /// <summary>The epoch at hand, from 0.</summary>
    public long Epoch { get; set; }

    /// <summary>How many batches of the epoch are done.</summary>
    public long Batch { get; set; }

    /// <summary>Examples learned from, each as often as it came.</summary>
    public long Examples { get; set; }

    /// <summary>Those of the epoch at hand.</summary>
    public long EpochExamples { get; set; }

    /// <summary>The sum of the weights of the epoch's batches.</summary>
    public long EpochWeight { get; set; }

    /// <summary>The sum of their losses, each times its weight.</summary>
    public double EpochLoss { get; set; }

    /// <summary>The time that training has taken, in ticks of 100 ns.</summary>
    public long Ticks { get; set; }

    /// <summary>The lowest figure that judging gave.</summary>
    public double? Best { get; set; }

    /// <summary>Epochs judged since then.</summary>
    public int Stale { get; set; }

    /// <summary>Epochs judged since then or since the last cut of the learning rate.</summary>
    public int StaleSinceCut { get; set; }

    /// <summary>What cuts have made of the learning rate.</summary>
    public double RateFactor { get; set; } = 1;

    /// <summary>The mean loss of the epoch at hand.</summary>
    [JsonIgnore]
    public double MeanLoss => EpochLoss / EpochWeight;

    public string Write() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads what <see cref="Write"/> gave.</summary>
    /// <param name="json">The text.</param>
    /// <param name="file">Where it comes from, for messages.</param>
    /// <exception cref="InvalidDataException">The text is broken.</exception>
    public static TrainingPosition Read(string json, string file)
    {
        TrainingPosition? read;
        try
        {
            read = JsonSerializer.Deserialize<TrainingPosition>(json, Json);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{file} holds no state of a training: {error.Message}", error);
        }

        if (read is null || !read.CanBe())
            throw new InvalidDataException($"{file} holds a state of a training that can't be.");
        return read;
    }

    private bool CanBe()
    {
        long[] counts = [Step, Epoch, Batch, Examples, EpochExamples, EpochWeight, Ticks, Stale, StaleSinceCut];
        return ParameterSteps is not null && counts.Concat(ParameterSteps).All(count => count >= 0) && double.IsFinite(EpochLoss) && RateFactor is >= 0 and <= 1;
    }

    public void EndEpoch()
    {
        Epoch++;
        (Batch, EpochExamples, EpochWeight, EpochLoss) = (0, 0, 0, 0);
    }

    /// <summary>Takes note of a figure; lower is better.</summary>
    /// <returns>Whether it is the lowest so far.</returns>
    public bool Note(double figure, PlateauOptions? plateau)
    {
        if (figure < (Best ?? double.PositiveInfinity))
        {
            (Best, Stale, StaleSinceCut) = (figure, 0, 0);
            return true;
        }

        Stale++;
        StaleSinceCut++;
        if (plateau is null || StaleSinceCut < plateau.Patience) return false;
        (RateFactor, StaleSinceCut) = (RateFactor * plateau.Factor, 0);
        return false;
    }
}
