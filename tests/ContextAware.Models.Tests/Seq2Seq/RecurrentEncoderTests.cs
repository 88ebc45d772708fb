using ContextAware.Models.Seq2Seq;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Seq2Seq;

public class RecurrentEncoderTests
{
    private const int Input = 3;
    private const int Width = 5;
    private static readonly long[] Lengths = [4, 7, 1, 6];

    public static TheoryData<CellKind, int, bool, bool> Kinds => new()
    {
        { CellKind.Gru, 1, true, false },
        { CellKind.Gru, 2, false, false },
        { CellKind.Gru, 3, true, true },
        { CellKind.Lstm, 1, false, false },
        { CellKind.Lstm, 2, true, false },
        { CellKind.Lstm, 2, false, true },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_source_is_read_as_if_it_were_alone(CellKind kind, int layers, bool bidirectional, bool residual)
    {
        using var scope = NewDisposeScope();
        using var encoder = new RecurrentEncoder(Options(kind) with { Layers = layers, Bidirectional = bidirectional, Residual = residual });
        var embedded = randn(Lengths.Length, 7, Input);
        var all = encoder.call(embedded, tensor(Lengths));
        for (var row = 0; row < Lengths.Length; row++)
        {
            var length = Lengths[row];
            var alone = encoder.call(embedded.narrow(0, row, 1).narrow(1, 0, length), tensor(new[] { length }));
            TensorAssert.Close(alone.Output[0], all.Output[row].narrow(0, 0, length));
            TensorAssert.Close(alone.State.Hidden.squeeze(1), all.State.Hidden.select(1, row));
            if (kind == CellKind.Lstm) TensorAssert.Close(alone.State.Cell!.squeeze(1), all.State.Cell!.select(1, row));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_stands_in_padded_places_changes_nothing_and_gives_zeros(CellKind kind, int layers, bool bidirectional, bool residual)
    {
        using var scope = NewDisposeScope();
        using var encoder = new RecurrentEncoder(Options(kind) with { Layers = layers, Bidirectional = bidirectional, Residual = residual });
        var embedded = randn(Lengths.Length, 9, Input);
        var padded = arange(9).unsqueeze(0) >= tensor(Lengths).unsqueeze(1);
        var spoiled = embedded.masked_fill(padded.unsqueeze(-1), double.NaN);
        var (expected, actual) = (encoder.call(embedded, tensor(Lengths)), encoder.call(spoiled, tensor(Lengths)));
        TensorAssert.Close(expected.Output, actual.Output);
        TensorAssert.Close(expected.State.Hidden, actual.State.Hidden);
        Assert.Equal(0, actual.Output.masked_select(padded.unsqueeze(-1)).abs().sum().item<float>());
    }

    [Theory]
    [InlineData("[B,S,3]", 2, 4, 5, new long[] { 4, 4 })]
    [InlineData("2 lengths", 2, 4, 3, new long[] { 4 })]
    [InlineData("from 1 to 4", 2, 4, 3, new long[] { 4, 5 })]
    [InlineData("from 1 to 4", 2, 4, 3, new long[] { 0, 4 })]
    public void Shapes_and_lengths_that_do_not_fit_are_refused(string message, long batch, long longest, long width, long[] lengths)
    {
        using var encoder = new RecurrentEncoder(Options(CellKind.Gru));
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => encoder.call(randn(batch, longest, width), tensor(lengths))).Message);
    }

    [Fact]
    public void Variational_dropout_drops_the_same_numbers_at_all_positions()
    {
        using var scope = NewDisposeScope();
        using var dropout = new VariationalDropout(0.5);
        random.manual_seed(1);
        var dropped = dropout.call(ones(4, 7, 50));
        var kept = dropped.select(1, 0);                                                  // [4,50]
        TensorAssert.Equal(kept.unsqueeze(1).expand(4, 7, 50), dropped);
        Assert.InRange((kept == 0).sum().item<long>(), 60, 140);
        Assert.Equal(2, kept.max().item<float>());
    }

    [Theory]
    [InlineData(DropoutKind.Plain, false)]
    [InlineData(DropoutKind.Plain, true)]
    [InlineData(DropoutKind.Variational, false)]
    public void Dropout_between_layers_works_in_training_only(DropoutKind kind, bool residual)
    {
        using var scope = NewDisposeScope();
        using var encoder = new RecurrentEncoder(Options(CellKind.Gru) with { Layers = 2, Residual = residual, Dropout = 0.5, DropoutKind = kind });
        var (embedded, lengths) = (randn(Lengths.Length, 7, Input), tensor(Lengths));
        Assert.NotEqual(0, Difference());
        encoder.eval();
        Assert.Equal(0, Difference());

        float Difference() => (encoder.call(embedded, lengths).Output - encoder.call(embedded, lengths).Output).abs().sum().item<float>();
    }

    [Fact]
    public void Dropout_outside_of_training_changes_nothing()
    {
        using var scope = NewDisposeScope();
        using var dropout = new VariationalDropout(0.5);
        var input = randn(2, 3, 4);
        dropout.eval();
        TensorAssert.Equal(input, dropout.call(input));
        Assert.Throws<ArgumentException>(() => dropout.call(randn(2, 3)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new VariationalDropout(1));
    }

    [Fact]
    public void Sizes_out_of_range_are_refused()
    {
        var good = Options(CellKind.Gru);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentEncoder(good with { InputWidth = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentEncoder(good with { HiddenWidth = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentEncoder(good with { Layers = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentEncoder(good with { Dropout = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentEncoder(good with { DropoutKind = (DropoutKind)9 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentEncoder(good with { Cell = (CellKind)9 }));
    }

    private static RecurrentEncoderOptions Options(CellKind kind) => new() { Cell = kind, InputWidth = Input, HiddenWidth = Width };
}
