using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq;

/// <summary>
/// One step of a recurrent layer whose input has two parts: one known for all steps beforehand (the embedded symbols, when
/// the target is given), one known only at the step (the context). The first part is projected for all steps in one product.
/// </summary>
/// <remarks>
/// It computes what PyTorch's <c>GRUCell</c> and <c>LSTMCell</c> compute on the two parts side by side, and has their
/// parameters, names and initial values: <c>weight_ih</c> <c>[G·D,I+C]</c>, <c>weight_hh</c> <c>[G·D,D]</c>, <c>bias_ih</c>
/// and <c>bias_hh</c> <c>[G·D]</c>, uniform in ±1/√D. G is the number of gates: 3 for a GRU, 4 for an LSTM.
/// Shapes: B batch, I known input, C context, D state width.
/// </remarks>
public abstract class RecurrentCell : nn.Module<Tensor, Tensor?, RecurrentState, RecurrentState>
{
    [ComponentName(Name = "weight_ih")]
    private readonly Parameter inputWeight;

    [ComponentName(Name = "weight_hh")]
    private readonly Parameter hiddenWeight;

    [ComponentName(Name = "bias_ih")]
    private readonly Parameter inputBias;

    [ComponentName(Name = "bias_hh")]
    private readonly Parameter hiddenBias;

    private protected RecurrentCell(string name, CellKind kind, long inputWidth, long contextWidth, long width)
        : base(name)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputWidth);
        ArgumentOutOfRangeException.ThrowIfNegative(contextWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        var gates = kind == CellKind.Gru ? 3 : 4;
        Kind = kind;
        (InputWidth, ContextWidth, Width) = (inputWidth, contextWidth, width);
        inputWeight = Uniform(gates * width, inputWidth + contextWidth);
        hiddenWeight = Uniform(gates * width, width);
        inputBias = Uniform(gates * width);
        hiddenBias = Uniform(gates * width);
        RegisterComponents();
    }

    /// <summary>GRU or LSTM.</summary>
    public CellKind Kind { get; }

    /// <summary>I.</summary>
    public long InputWidth { get; }

    /// <summary>C; 0 for a cell without context.</summary>
    public long ContextWidth { get; }

    /// <summary>D.</summary>
    public long Width { get; }

    /// <summary>Makes a cell of a kind.</summary>
    public static RecurrentCell Create(CellKind kind, long inputWidth, long contextWidth, long width) => kind switch
    {
        CellKind.Gru => new GruCell(inputWidth, contextWidth, width),
        CellKind.Lstm => new LstmCell(inputWidth, contextWidth, width),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Expected Gru or Lstm."),
    };

    /// <summary>One step by itself. In a loop, take <see cref="Unroll"/> once and step with that.</summary>
    /// <param name="input">The known part <c>[B,I]</c>.</param>
    /// <param name="context">The context <c>[B,C]</c>; null for a cell without.</param>
    /// <param name="state">The state <c>[B,D]</c>.</param>
    /// <returns>The next state <c>[B,D]</c>.</returns>
    public override RecurrentState forward(Tensor input, Tensor? context, RecurrentState state)
    {
        using var scope = NewDisposeScope();
        return Unroll().Advance(ProjectInput(input), context, state).MoveToOuterDisposeScope();
    }

    /// <summary>The part of the gates that depends on the known input alone.</summary>
    /// <param name="input"><c>[…,I]</c>: all steps at once where they are known.</param>
    /// <returns><c>[…,G·D]</c>.</returns>
    public Tensor ProjectInput(Tensor input)
    {
        using var scope = NewDisposeScope();
        return nn.functional.linear(input, InputWeight, FoldedBias).MoveToOuterDisposeScope();
    }

    /// <summary>The same where the contexts are known for all steps too: all that does not depend on the state.</summary>
    /// <param name="input"><c>[…,I]</c>.</param>
    /// <param name="context"><c>[…,C]</c>.</param>
    /// <returns><c>[…,G·D]</c>.</returns>
    public Tensor ProjectInput(Tensor input, Tensor context)
    {
        using var scope = NewDisposeScope();
        return nn.functional.linear(cat([input, context], -1), inputWeight, FoldedBias).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The cell with its weights laid out for many steps. Its tensors belong to the current dispose scope.
    /// </summary>
    public UnrolledCell Unroll() => UnrolledCell.Of(Kind, ContextWidth == 0 ? null : ContextWeight, StateWeight, CandidateBias);

    /// <summary>The weights of the known input <c>[G·D,I]</c>.</summary>
    internal Tensor InputWeight => inputWeight.narrow(1, 0, InputWidth);

    /// <summary>The weights of the context <c>[G·D,C]</c>.</summary>
    internal Tensor ContextWeight => inputWeight.narrow(1, InputWidth, ContextWidth);

    /// <summary>The weights of the state <c>[G·D,D]</c>.</summary>
    internal Tensor StateWeight => hiddenWeight;

    /// <summary>What is added to the state's part of the candidate inside of the reset gate <c>[D]</c>; null for an LSTM.</summary>
    internal abstract Tensor? CandidateBias { get; }

    /// <summary>All biases that are simply added <c>[G·D]</c>.</summary>
    internal abstract Tensor FoldedBias { get; }

    /// <summary>The bias of the input <c>[G·D]</c>.</summary>
    private protected Tensor InputBias => inputBias;

    /// <summary>The bias of the state <c>[G·D]</c>.</summary>
    private protected Tensor StateBias => hiddenBias;

    private Parameter Uniform(params long[] sizes)
    {
        var bound = 1 / Math.Sqrt(Width);
        return OwnParameter.Of(empty(sizes).uniform_(-bound, bound));
    }
}
