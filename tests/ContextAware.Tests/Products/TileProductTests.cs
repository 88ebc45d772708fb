using System.Runtime.Intrinsics;
using ContextAware.Attention.Tiles;
using ContextAware.Loops;
using ContextAware.Products;

namespace ContextAware.Tests.Products;

/// <summary>The innermost loops of tiles by themselves, with vectors of either length.</summary>
public unsafe class TileProductTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(96)]
    public void Six_rows_by_two_vectors(int count)
    {
        Check<ByRow, Lanes256, Vector256<float>>(count);
        Check<ByColumn, Lanes256, Vector256<float>>(count);
        Check<BySix, Lanes256, Vector256<float>>(count);
        Check<ByRow, Lanes512, Vector512<float>>(count);
        Check<ByColumn, Lanes512, Vector512<float>>(count);
        Check<BySix, Lanes512, Vector512<float>>(count);
    }

    [Theory]
    [InlineData(1, 1, 16)]
    [InlineData(17, 9, 16)]
    [InlineData(40, 33, 32)]
    [InlineData(64, 64, 16)]
    public void Panels_hold_a_matrix_in_the_order_of_its_products(int length, int width, int panel)
    {
        Assert.SkipUnless(Vectors.AreFast, "This processor has no AVX2.");
        var stride = width + 3;
        var matrix = Numbers(length * stride);
        var (columns, rows) = (new float[TilePanels.Size(length, width, panel)], new float[TilePanels.Size(length, width, panel)]);
        fixed (float* from = matrix, byColumn = columns, byRow = rows)
        {
            TilePanels.Columns(from, stride, length, width, panel, byColumn);
            TilePanels.Rows(from, stride, length, width, panel, byRow);
        }
        for (var row = 0; row < Padded.Up(length, panel); row++)
        {
            for (var column = 0; column < width; column++)
                Assert.Equal(row < length ? matrix[(row * stride) + column] : 0, rows[(row / panel * panel * width) + (column * panel) + (row % panel)]);
        }
        for (var row = 0; row < length; row++)
        {
            for (var column = 0; column < Padded.Up(width, panel); column++)
                Assert.Equal(column < width ? matrix[(row * stride) + column] : 0, columns[(column / panel * panel * length) + (row * panel) + (column % panel)]);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(6, 4)]
    [InlineData(12, 9)]
    [InlineData(17, 7)]
    public void Panels_of_six_rows_hold_them_column_by_column(int rows, int count)
    {
        Assert.SkipUnless(Vectors.AreFast, "This processor has no AVX2.");
        var (stride, padded) = (count + 3, Padded.Up(rows, TileProduct.Rows));
        var (matrix, panels) = (Numbers(rows * stride), new float[padded * count]);
        fixed (float* from = matrix, to = panels)
            RowPanels.Fill(from, stride, rows, count, to);
        for (var row = 0; row < padded; row++)
        {
            for (var column = 0; column < count; column++)
                Assert.Equal(row < rows ? matrix[(row * stride) + column] : 0, panels[(row / 6 * 6 * count) + (column * 6) + (row % 6)]);
        }
    }

    [Fact]
    public void The_exponential_is_right_to_two_units_in_the_last_place()
    {
        Assert.SkipUnless(Vectors.AreFast, "This processor has no AVX2.");
        for (var x = 0f; x > -87.2f; x -= 0.0137f)
            Assert.InRange(Exp(x) / Math.Exp(x), 1 - 2.4e-7, 1 + 2.4e-7);
        Assert.Equal(1, Exp(0));
        Assert.Equal(0, Exp(-87.5f));
        Assert.Equal(0, Exp(-1e30f));
        Assert.Equal(0, Exp(float.NegativeInfinity));
        Assert.True(float.IsNaN(Exp(float.NaN)));

        static float Exp(float x) => Vectors.Exp(Vector256.Create(x))[3];
    }

    private static void Check<TReading, TLanes, TVector>(int count)
        where TReading : struct, IReading
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        var (panel, stride) = (2 * TLanes.Count, (2 * TLanes.Count) + 5);
        var left = Numbers(TileProduct.Rows * TileRows.Stride * Math.Max(1, count));
        var right = Numbers(count * TReading.RightRow(panel));
        foreach (var add in new[] { false, true })
        {
            var before = Numbers(TileProduct.Rows * stride);
            var result = before.ToArray();
            fixed (float* l = left, r = right, to = result)
                TileProduct.Run<TReading, TLanes, TVector>(l, r, count, to, stride, add);
            for (var i = 0; i < TileProduct.Rows; i++)
            {
                for (var j = 0; j < stride; j++)
                {
                    var sum = add || j >= panel ? (double)before[(i * stride) + j] : 0;
                    for (var k = 0; k < count && j < panel; k++)
                        sum += (double)left[(i * TReading.Row) + (k * TReading.Step)] * right[(k * TReading.RightRow(panel)) + j];
                    Assert.Equal(sum, result[(i * stride) + j], 1e-4);
                }
            }
        }
    }

    private static float[] Numbers(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
    }
}
