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

    public static TheoryData<CellKind, int, bool> Kinds => new()
    {
        { CellKind.Gru, 1, true },
        { CellKind.Gru, 2, false },
        { CellKind.Lstm, 1, false },
        { CellKind.Lstm, 2, true },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_source_is_read_as_if_it_were_alone(CellKind kind, int layers, bool bidirectional)
    {
        using var scope = NewDisposeScope();
        using var encoder = new RecurrentEncoder(kind, Input, Width, layers, bidirectional);
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
    public void What_stands_in_padded_places_changes_nothing_and_gives_zeros(CellKind kind, int layers, bool bidirectional)
    {
        using var scope = NewDisposeScope();
        using var encoder = new RecurrentEncoder(kind, Input, Width, layers, bidirectional);
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
        using var encoder = new RecurrentEncoder(CellKind.Gru, Input, Width);
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => encoder.call(randn(batch, longest, width), tensor(lengths))).Message);
    }

    [Fact]
    public void Sizes_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentEncoder(CellKind.Gru, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentEncoder(CellKind.Gru, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentEncoder(CellKind.Gru, 1, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentEncoder(CellKind.Gru, 1, 1, dropout: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentEncoder((CellKind)9, 1, 1));
    }
}
