using ContextAware.Visualization;

namespace ContextAware.Tests.Visualization;

public class AlignmentQualityTests
{
    private static readonly string[] Four = ["", "", "", ""];

    [Fact]
    public void A_sharp_diagonal_is_certain_diagonal_and_complete()
    {
        var quality = AlignmentQuality.Of(new(new float[,] { { 1, 0, 0, 0 }, { 0, 1, 0, 0 }, { 0, 0, 1, 0 }, { 0, 0, 0, 1 } }, Four, Four));
        Assert.Equal((0, 1, 1), (quality.MeanEntropy, quality.DiagonalShare, quality.CoveredShare));
        Assert.Equal([1.0, 1, 1, 1], quality.Coverage);
    }

    [Fact]
    public void An_even_spread_has_the_entropy_of_its_places()
    {
        var even = new float[4, 4];
        foreach (ref var weight in System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref even[0, 0], 16))
            weight = 0.25f;
        var quality = AlignmentQuality.Of(new(even, Four, Four));
        Assert.Equal(Math.Log(4), quality.MeanEntropy, 1e-12);
        Assert.Equal(10 / 16.0, quality.DiagonalShare, 1e-12); // the cells of the diagonal and their neighbours
        Assert.Equal(1, quality.CoveredShare);
    }

    [Fact]
    public void Rows_are_scaled_for_the_entropy_and_empty_ones_left_out()
    {
        var quality = AlignmentQuality.Of(new(new float[,] { { 3, 1 }, { 0, 0 } }, ["", ""], ["", ""]));
        var expected = -(0.75 * Math.Log(0.75) + 0.25 * Math.Log(0.25));
        Assert.Equal(expected, quality.Entropy[0], 1e-12);
        Assert.Equal(0, quality.Entropy[1]);
        Assert.Equal(expected, quality.MeanEntropy, 1e-12);
    }

    [Fact]
    public void Coverage_counts_a_position_once_however_often_it_was_looked_at()
    {
        var quality = AlignmentQuality.Of(new(new[,] { { 1, 0, 0, 0 }, { 1, 0, 0, 0 }, { 0, 0.5f, 0, 0.5f } }, ["", "", ""], Four));
        Assert.Equal([2, 0.5, 0, 0.5], quality.Coverage);
        Assert.Equal((1 + 0.5 + 0 + 0.5) / 4, quality.CoveredShare);
    }

    [Fact]
    public void The_band_follows_the_line_between_unequal_corners()
    {
        // Two rows over eight columns: the line passes 2 and 6 (column centres lie at a half).
        var weights = new float[,] { { 0, 1, 1, 0, 0, 0, 0, 1 }, { 0, 0, 0, 0, 0, 1, 1, 1 } };
        string[] eight = [.. Enumerable.Repeat("", 8)];
        Assert.Equal(4 / 6.0, AlignmentQuality.Of(new(weights, ["", ""], eight), band: 0).DiagonalShare, 1e-12);
        Assert.Equal(5 / 6.0, AlignmentQuality.Of(new(weights, ["", ""], eight), band: 0.25).DiagonalShare, 1e-12);
        Assert.Equal(1, AlignmentQuality.Of(new(weights, ["", ""], eight), band: 1).DiagonalShare, 1e-12);
    }

    [Fact]
    public void Each_head_has_its_own_numbers()
        => Assert.NotEqual(AlignmentQuality.Of(Maps.Heads, 0, 0).MeanEntropy, AlignmentQuality.Of(Maps.Heads, 1, 1).MeanEntropy);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 3)]
    [InlineData(3, 0)]
    public void Nothing_gives_zeros(int rows, int columns)
    {
        var quality = AlignmentQuality.Of(Maps.Empty(rows, columns));
        Assert.Equal((0, 0, 0), (quality.MeanEntropy, quality.DiagonalShare, quality.CoveredShare));
    }

    [Fact]
    public void Negative_weights_and_bands_outside_are_refused()
    {
        Assert.StartsWith("The weight at [0, 1] is -1", Assert.Throws<ArgumentException>(() => AlignmentQuality.Of(new(new float[,] { { 1, -1 } }, [""], ["", ""]))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => AlignmentQuality.Of(Maps.Tiny, band: 1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => AlignmentQuality.Of(Maps.Tiny, band: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => AlignmentQuality.Of(Maps.Tiny, layer: 1));
    }
}
