using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Masking;

/// <summary>Draws masks as text.</summary>
internal static class MaskDrawing
{
    private const int MostPictures = 4;
    private const int MostRows = 16;
    private const int MostColumns = 64;

    internal static string Draw(AttentionMask mask, MaskSize size)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (batch, heads, rows, columns) = (size.Batch, size.Heads, size.QueryLength, size.KeyLength);
        var allowed = mask.ToTensor(batch, heads, rows, columns, CPU) ?? ones(1, 1, 1, 1, @bool);
        bool[] cells = [.. allowed.expand(batch, heads, rows, columns).contiguous().data<bool>()];        // ToArray refuses an empty tensor

        var text = new StringBuilder(mask.Name).Append($" (T = {rows}, S = {columns})");
        for (var picture = 0; picture < Math.Min(batch * heads, MostPictures); picture++)
        {
            if (batch * heads > 1)
                text.Append($"\nbatch {picture / heads}, head {picture % heads}:");
            var first = picture * rows * columns;
            for (var row = 0L; row < Math.Min(rows, MostRows); row++)
            {
                text.Append('\n');
                for (var column = 0L; column < Math.Min(columns, MostColumns); column++)
                    text.Append(cells[first + row * columns + column] ? '#' : '.');
                text.Append(columns > MostColumns ? "…" : "");
            }
            text.Append(rows > MostRows ? "\n…" : "");
        }
        return text.Append(batch * heads > MostPictures ? "\n…" : "").ToString();
    }
}
