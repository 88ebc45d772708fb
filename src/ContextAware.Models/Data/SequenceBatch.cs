using ContextAware.Models.Training;
using static TorchSharp.torch;

namespace ContextAware.Models.Data;

/// <summary>Examples side by side in tensors, the shorter filled up with <see cref="Vocabulary.Padding"/>.</summary>
/// <remarks>Shapes: B examples, S longest source, T longest target with its end mark.</remarks>
public sealed class SequenceBatch : ITrainingBatch
{
    private SequenceBatch(Tensor source, Tensor sourceLengths, Tensor targetInput, Tensor targetOutput, int size, int targetTokens)
    {
        Source = source;
        SourceLengths = sourceLengths;
        TargetInput = targetInput;
        TargetOutput = targetOutput;
        Size = size;
        TargetTokens = targetTokens;
    }

    /// <summary>The sources <c>[B,S]</c> int64.</summary>
    public Tensor Source { get; }

    /// <summary>How long each source is: <c>[B]</c> int64, always on the CPU.</summary>
    public Tensor SourceLengths { get; }

    /// <summary>What the decoder is given: the start mark, then the target <c>[B,T]</c> int64.</summary>
    public Tensor TargetInput { get; }

    /// <summary>What the decoder should answer: the target, then the end mark <c>[B,T]</c> int64.</summary>
    public Tensor TargetOutput { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <summary>How many entries of <see cref="TargetOutput"/> are no padding.</summary>
    public int TargetTokens { get; }

    /// <summary>The same: a loss over sequences is a mean over their symbols.</summary>
    public long Weight => TargetTokens;

    /// <summary>Lays examples side by side.</summary>
    /// <param name="pairs">The examples; at least one.</param>
    /// <param name="device">Where the tensors go; the CPU if null.</param>
    /// <exception cref="ArgumentException">There is no example, or a source is empty.</exception>
    public static SequenceBatch Create(IReadOnlyList<SequencePair> pairs, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        using var scope = NewDisposeScope();
        var (source, lengths) = PadSources([.. pairs.Select(pair => pair.Source)], device);
        var size = pairs.Count;
        var longest = pairs.Max(pair => pair.Target.Length) + 1;
        var input = new long[size * longest];
        var output = new long[size * longest];
        for (var row = 0; row < size; row++)
        {
            var target = pairs[row].Target;
            var at = row * longest;
            input[at] = Vocabulary.Start;
            for (var i = 0; i < target.Length; i++) output[at + i] = input[at + i + 1] = target[i];
            output[at + target.Length] = Vocabulary.End;
        }

        scope.MoveToOuter(source, lengths);
        return new(
            source,
            lengths,
            ToTensor(input, size, longest, device).MoveToOuterDisposeScope(),
            ToTensor(output, size, longest, device).MoveToOuterDisposeScope(),
            size,
            pairs.Sum(pair => pair.Target.Length + 1));
    }

    /// <summary>Lays sources side by side, for decoding.</summary>
    /// <param name="sources">The sources, none of them empty.</param>
    /// <param name="device">Where the first tensor goes; the CPU if null.</param>
    /// <returns>The sources <c>[B,S]</c> int64, and their lengths <c>[B]</c> int64 on the CPU.</returns>
    /// <exception cref="ArgumentException">There is no source, or one is empty.</exception>
    public static (Tensor Source, Tensor Lengths) PadSources(IReadOnlyList<int[]> sources, Device? device = null)
    {
        CheckSources(sources);
        var longest = sources.Max(source => source.Length);
        var padded = new long[sources.Count * longest];
        for (var row = 0; row < sources.Count; row++)
        {
            for (var i = 0; i < sources[row].Length; i++) padded[(row * longest) + i] = sources[row][i];
        }

        return (ToTensor(padded, sources.Count, longest, device), tensor(sources.Select(source => (long)source.Length).ToArray()));
    }

    /// <summary>Throws unless there is a source, and none is empty.</summary>
    internal static void CheckSources(IReadOnlyList<int[]> sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        if (sources.Count == 0) throw new ArgumentException("Expected at least one sequence, got none.", nameof(sources));
        for (var i = 0; i < sources.Count; i++)
        {
            if (sources[i] is not { Length: > 0 }) throw new ArgumentException($"Sequence {i} is empty.", nameof(sources));
        }
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Source.Dispose();
        SourceLengths.Dispose();
        TargetInput.Dispose();
        TargetOutput.Dispose();
    }

    private static Tensor ToTensor(long[] values, long rows, long columns, Device? device) =>
        tensor(values, [rows, columns], device: device);
}
