using ContextAware.Models.Seq2Seq;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Seq2Seq;

public class RecurrentCellTests
{
    private const int Batch = 3;
    private const int Input = 5;
    private const int Context = 7;
    private const int Width = 11;

    [Fact]
    public void A_gru_step_equals_TorchSharps_cell_on_both_parts_side_by_side()
    {
        using var scope = NewDisposeScope();
        using var cell = RecurrentCell.Create(CellKind.Gru, Input, Context, Width);
        using var expected = nn.GRUCell(Input + Context, Width);
        expected.load_state_dict(cell.state_dict());
        var (input, context, state) = (randn(Batch, Input), randn(Batch, Context), randn(Batch, Width));
        var actual = cell.call(input, context, new(state, null));
        TensorAssert.Close(expected.call(cat([input, context], 1), state), actual.Hidden);
        Assert.Null(actual.Cell);
    }

    [Fact]
    public void An_lstm_step_equals_TorchSharps_cell_on_both_parts_side_by_side()
    {
        using var scope = NewDisposeScope();
        using var cell = RecurrentCell.Create(CellKind.Lstm, Input, Context, Width);
        using var expected = nn.LSTMCell(Input + Context, Width);
        expected.load_state_dict(cell.state_dict());
        var (input, context, state, memory) = (randn(Batch, Input), randn(Batch, Context), randn(Batch, Width), randn(Batch, Width));
        var actual = cell.call(input, context, new(state, memory));
        var (hidden, next) = expected.call(cat([input, context], 1), (state, memory));
        TensorAssert.Close(hidden, actual.Hidden);
        TensorAssert.Close(next, actual.Cell!);
    }

    [Theory]
    [InlineData(0, 8)]
    [InlineData(1, 8)]
    [InlineData(5, 24)]
    [InlineData(300, 64)]
    public void A_gru_step_without_gradients_gives_the_same(int batch, int width)
    {
        using var scope = NewDisposeScope();
        using var cell = RecurrentCell.Create(CellKind.Gru, Input, Context, width);
        var (input, context, state) = (randn(batch, Input), randn(batch, Context), new RecurrentState(randn(batch, width), null));
        var expected = cell.call(input, context, state).Hidden;
        using var noGrad = no_grad();
        TensorAssert.Close(expected.detach(), cell.call(input, context, state).Hidden, 1e-6, 1e-6);
    }

    [Theory]
    [InlineData(CellKind.Gru)]
    [InlineData(CellKind.Lstm)]
    public void Gradients_are_right(CellKind kind)
    {
        using var cell = RecurrentCell.Create(kind, 2, 3, 2);
        var memory = kind == CellKind.Lstm ? randn(2, 2) : null;
        GradientCheck.Module(
            cell,
            x => cell.call(x[0], x[1], new(x[2], memory is null ? null : x[3])).Hidden,
            [randn(2, 2), randn(2, 3), randn(2, 2), .. memory is null ? Array.Empty<Tensor>() : [memory]]);
    }

    [Theory]
    [InlineData(CellKind.Gru)]
    [InlineData(CellKind.Lstm)]
    public void A_context_that_is_known_beforehand_gives_the_same(CellKind kind)
    {
        using var scope = NewDisposeScope();
        using var cell = RecurrentCell.Create(kind, Input, Context, Width);
        var (input, context) = (randn(Batch, Input), randn(Batch, Context));
        var state = new RecurrentState(randn(Batch, Width), kind == CellKind.Lstm ? randn(Batch, Width) : null);
        var expected = cell.call(input, context, state);
        var actual = cell.Unroll().Advance(cell.ProjectInput(input, context), null, state);
        TensorAssert.Close(expected.Hidden, actual.Hidden);
    }

    [Theory]
    [InlineData(CellKind.Gru)]
    [InlineData(CellKind.Lstm)]
    public void A_cell_without_context_is_TorchSharps_cell(CellKind kind)
    {
        using var scope = NewDisposeScope();
        using var cell = RecurrentCell.Create(kind, Input, 0, Width);
        var (input, state, memory) = (randn(Batch, Input), randn(Batch, Width), randn(Batch, Width));
        var actual = cell.call(input, null, new(state, kind == CellKind.Lstm ? memory : null)).Hidden;
        if (kind == CellKind.Gru)
        {
            using var gru = nn.GRUCell(Input, Width);
            gru.load_state_dict(cell.state_dict());
            TensorAssert.Close(gru.call(input, state), actual);
        }
        else
        {
            using var lstm = nn.LSTMCell(Input, Width);
            lstm.load_state_dict(cell.state_dict());
            TensorAssert.Close(lstm.call(input, (state, memory)).Item1, actual);
        }
    }

    [Fact]
    public void Initial_values_lie_in_the_range_that_PyTorch_takes()
    {
        using var cell = RecurrentCell.Create(CellKind.Gru, 20, 30, 100);
        foreach (var (_, value) in cell.named_parameters())
        {
            Assert.InRange(value.abs().max().item<float>(), 0.09f, 0.1f);
        }
    }

    [Fact]
    public void A_state_without_memory_is_refused_by_an_lstm()
    {
        using var cell = RecurrentCell.Create(CellKind.Lstm, Input, Context, Width);
        Assert.Throws<ArgumentException>(() => cell.call(randn(1, Input), randn(1, Context), new(randn(1, Width), null)));
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, -1, 1)]
    [InlineData(1, 1, 0)]
    public void Sizes_that_are_not_positive_are_refused(long input, long context, long width) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => RecurrentCell.Create(CellKind.Gru, input, context, width));
}
