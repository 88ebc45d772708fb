using ContextAware.Attention;
using ContextAware.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>A GRU or LSTM over the source, of any depth, in one direction or both.</summary>
/// <remarks>
/// Sequences are packed by length, in any order: padding costs nothing and changes nothing. In the state dict the layers
/// are <c>rnn.weight_ih_l0</c>, <c>rnn.weight_hh_l0</c>, …, as in PyTorch. Where something stands between the layers that
/// PyTorch's have not, residual connections or variational dropout, each layer is a module of its own:
/// <c>layers.0.weight_ih_l0</c>, …, <c>layers.1.weight_ih_l0</c>, ….
/// Shapes: B batch, S source length, E input width, H width of a direction, W = H, or 2H with both directions.
/// </remarks>
public sealed class RecurrentEncoder : nn.Module<Tensor, Tensor, EncodedSource>
{
    private readonly bool residual;

    [ComponentName(Name = "rnn")]
    private readonly nn.Module? stack;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<nn.Module>? layers;

    [ComponentName(Name = "dropout")]
    private readonly nn.Module<Tensor, Tensor>? dropout;

    /// <summary>Makes the encoder.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, the dropout out of range, or a kind unknown.</exception>
    public RecurrentEncoder(RecurrentEncoderOptions options)
        : base(nameof(RecurrentEncoder))
    {
        ArgumentNullException.ThrowIfNull(options);
        Check(options);
        Options = options;
        residual = options.Residual;
        OutputWidth = options.Bidirectional ? 2 * options.HiddenWidth : options.HiddenWidth;
        if (options.Layers == 1 || (!residual && options.DropoutKind == DropoutKind.Plain))
        {
            stack = NativeRecurrence.Create(options, options.InputWidth, options.Layers);
        }
        else
        {
            var widths = Enumerable.Range(0, options.Layers).Select(layer => layer == 0 ? options.InputWidth : OutputWidth);
            layers = new([.. widths.Select(width => NativeRecurrence.Create(options, width, 1))]);
            dropout = options.DropoutKind == DropoutKind.Variational ? new VariationalDropout(options.Dropout) : new DropoutLayer(options.Dropout);
        }

        RegisterComponents();
    }

    /// <summary>The sizes.</summary>
    public RecurrentEncoderOptions Options { get; }

    /// <summary>W.</summary>
    public long OutputWidth { get; }

    /// <summary>Reads the sources.</summary>
    /// <param name="embedded"><c>[B,S,E]</c>; what stands in padded places does not matter.</param>
    /// <param name="lengths"><c>[B]</c> int64 on the CPU, each from 1 to S.</param>
    /// <exception cref="ArgumentException">A shape or a length does not fit.</exception>
    public override EncodedSource forward(Tensor embedded, Tensor lengths)
    {
        ArgumentNullException.ThrowIfNull(embedded);
        ArgumentNullException.ThrowIfNull(lengths);
        var shape = embedded.shape;
        if (shape.Length != 3 || shape[2] != Options.InputWidth)
            throw new ArgumentException($"Expected [B,S,{Options.InputWidth}], got {ShapeText.Compact(shape)}.", nameof(embedded));
        var read = SourceLengths.Read(lengths, shape[0], shape[1], nameof(lengths));
        using var scope = NewDisposeScope();
        var padding = SourceLengths.AllAre(read, shape[1]) ? null : lengths;
        var (output, state) = stack is not null
            ? NativeRecurrence.Run(stack, embedded, padding)
            : RunLayers(embedded, padding);
        return new(output.MoveToOuterDisposeScope(), state.MoveToOuterDisposeScope());
    }

    // Wu et al. 2016, eq. 6: what goes into a layer is added to what comes out, from the second layer on.
    private (Tensor Output, RecurrentState State) RunLayers(Tensor embedded, Tensor? padding)
    {
        var (output, first) = NativeRecurrence.Run(layers![0], embedded, padding);          // [B,S,W]
        List<RecurrentState> states = [first];
        foreach (var layer in layers.Skip(1))
        {
            var (read, state) = NativeRecurrence.Run(layer, dropout!.call(output), padding);
            output = residual ? read + output : read;
            states.Add(state);
        }

        return (output, RecurrentState.Concatenate(states));
    }

    private static void Check(RecurrentEncoderOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.InputWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.HiddenWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Layers);
        DropoutShare.CheckBelowOne(options.Dropout);
        if (!Enum.IsDefined(options.DropoutKind))
            throw new ArgumentOutOfRangeException(nameof(options), options.DropoutKind, "Expected plain or variational dropout.");
    }
}
