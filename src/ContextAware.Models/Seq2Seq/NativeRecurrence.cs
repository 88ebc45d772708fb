using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.utils.rnn;

namespace ContextAware.Models.Seq2Seq;

/// <summary>libtorch's own recurrent layers over sequences of unequal length.</summary>
internal static class NativeRecurrence
{
    /// <summary>Makes a GRU or an LSTM.</summary>
    /// <param name="options">Kind, width, directions and dropout.</param>
    /// <param name="inputWidth">The width of what the first layer reads.</param>
    /// <param name="layers">How many layers lie on each other.</param>
    public static nn.Module Create(RecurrentEncoderOptions options, long inputWidth, int layers) => options.Cell switch
    {
        CellKind.Gru => OwnParameter.In(nn.GRU(inputWidth, options.HiddenWidth, layers, batchFirst: true, dropout: Between(options, layers), bidirectional: options.Bidirectional)),
        CellKind.Lstm => OwnParameter.In(nn.LSTM(inputWidth, options.HiddenWidth, layers, batchFirst: true, dropout: Between(options, layers), bidirectional: options.Bidirectional)),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Cell, "Expected Gru or Lstm."),
    };

    /// <summary>Reads sequences.</summary>
    /// <param name="layers">What <see cref="Create"/> made.</param>
    /// <param name="input"><c>[B,S,I]</c>.</param>
    /// <param name="lengths"><c>[B]</c> int64 on the CPU; null if all are S.</param>
    /// <returns>The top layer <c>[B,S,W]</c>, zero where there is padding, and the last states <c>[L,B,H]</c>.</returns>
    public static (Tensor Output, RecurrentState State) Run(nn.Module layers, Tensor input, Tensor? lengths)
    {
        if (lengths is not null) return RunPacked(layers, input, lengths);
        if (layers is LSTM lstm)
        {
            var (read, last, memory) = lstm.call(input);
            return (read, new(last, memory));
        }

        var (output, hidden) = ((GRU)layers).call(input);
        return (output, new(hidden, null));
    }

    // One layer has nothing above it to drop for; libtorch warns of it.
    private static double Between(RecurrentEncoderOptions options, int layers) => layers > 1 ? options.Dropout : 0;

    private static (Tensor Output, RecurrentState State) RunPacked(nn.Module layers, Tensor input, Tensor lengths)
    {
        using var packed = pack_padded_sequence(input, lengths, batch_first: true, enforce_sorted: false);
        Tensor hidden;
        Tensor? cell = null;
        PackedSequence read;
        if (layers is LSTM lstm) (read, hidden, cell) = lstm.call(packed);
        else (read, hidden) = ((GRU)layers).call(packed);
        using (read)
        {
            var (output, _) = pad_packed_sequence(read, batch_first: true, total_length: input.size(1));
            return (output, new(hidden, cell));
        }
    }
}
