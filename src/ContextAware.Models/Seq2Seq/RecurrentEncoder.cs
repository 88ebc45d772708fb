using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.utils.rnn;

namespace ContextAware.Models.Seq2Seq;

/// <summary>A GRU or LSTM over the source, in one direction or both.</summary>
/// <remarks>
/// Sequences are packed by length, in any order: padding costs nothing and changes nothing. In the state dict the layers
/// are <c>rnn.weight_ih_l0</c>, <c>rnn.weight_hh_l0</c>, …, as in PyTorch.
/// Shapes: B batch, S source length, E input width, H width of a direction, W = H, or 2H with both directions.
/// </remarks>
public sealed class RecurrentEncoder : nn.Module<Tensor, Tensor, EncodedSource>
{
    [ComponentName(Name = "rnn")]
    private readonly nn.Module layers;

    /// <summary>Makes the encoder.</summary>
    /// <param name="kind">GRU or LSTM.</param>
    /// <param name="inputWidth">E.</param>
    /// <param name="hiddenWidth">H.</param>
    /// <param name="layerCount">How many layers lie on each other.</param>
    /// <param name="bidirectional">Whether each layer reads in both directions.</param>
    /// <param name="dropout">Dropout between layers, from 0 up to but not including 1; needs more than one layer to matter.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the dropout out of range.</exception>
    public RecurrentEncoder(CellKind kind, long inputWidth, long hiddenWidth, int layerCount = 1, bool bidirectional = true, double dropout = 0)
        : base(nameof(RecurrentEncoder))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(hiddenWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layerCount);
        ArgumentOutOfRangeException.ThrowIfNegative(dropout);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(dropout, 1);
        layers = kind switch
        {
            CellKind.Gru => nn.GRU(inputWidth, hiddenWidth, layerCount, batchFirst: true, dropout: dropout, bidirectional: bidirectional),
            CellKind.Lstm => nn.LSTM(inputWidth, hiddenWidth, layerCount, batchFirst: true, dropout: dropout, bidirectional: bidirectional),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Expected Gru or Lstm."),
        };
        InputWidth = inputWidth;
        OutputWidth = bidirectional ? 2 * hiddenWidth : hiddenWidth;
        RegisterComponents();
    }

    /// <summary>E.</summary>
    public long InputWidth { get; }

    /// <summary>W.</summary>
    public long OutputWidth { get; }

    /// <summary>Reads the sources.</summary>
    /// <param name="embedded"><c>[B,S,E]</c>; what stands in padded places does not matter.</param>
    /// <param name="lengths"><c>[B]</c> int64 on the CPU, each from 1 to S.</param>
    /// <exception cref="ArgumentException">A shape or a length does not fit.</exception>
    public override EncodedSource forward(Tensor embedded, Tensor lengths)
    {
        var shape = embedded.shape;
        if (shape.Length != 3 || shape[2] != InputWidth)
            throw new ArgumentException($"Expected [B,S,{InputWidth}], got [{string.Join(',', shape)}].", nameof(embedded));
        var read = SourceLengths.Read(lengths, shape[0], shape[1], nameof(lengths));
        using var scope = NewDisposeScope();
        var (output, hidden, cell) = SourceLengths.AllAre(read, shape[1]) ? Run(embedded) : RunPacked(embedded, lengths, shape[1]);
        return new(output.MoveToOuterDisposeScope(), new RecurrentState(hidden, cell).MoveToOuterDisposeScope());
    }

    private (Tensor Output, Tensor Hidden, Tensor? Cell) Run(Tensor embedded)
    {
        if (layers is LSTM lstm) return lstm.call(embedded);
        var (output, hidden) = ((GRU)layers).call(embedded);
        return (output, hidden, null);
    }

    private (Tensor Output, Tensor Hidden, Tensor? Cell) RunPacked(Tensor embedded, Tensor lengths, long longest)
    {
        using var packed = pack_padded_sequence(embedded, lengths, batch_first: true, enforce_sorted: false);
        Tensor hidden;
        Tensor? cell = null;
        PackedSequence read;
        if (layers is LSTM lstm) (read, hidden, cell) = lstm.call(packed);
        else (read, hidden) = ((GRU)layers).call(packed);
        using (read)
        {
            var (output, _) = pad_packed_sequence(read, batch_first: true, total_length: longest);
            return (output, hidden, cell);
        }
    }
}
