using static TorchSharp.torch;

namespace ContextAware.Models.Generation;

/// <summary>Prompts out of a padded batch, at whichever side the padding is.</summary>
public static class Prompts
{
    /// <summary>Takes the tokens of each row that a mask marks.</summary>
    /// <param name="tokens">int64 [B, T].</param>
    /// <param name="isToken">bool or int64 [B, T], as <c>attention_mask</c> of Python libraries: true or 1 for a token, in one run in each
    /// row; padding before it, behind it or both.</param>
    /// <exception cref="ArgumentException">The shapes or types are others, or the tokens of a row are not one run.</exception>
    public static IReadOnlyList<int[]> FromPadded(Tensor tokens, Tensor isToken)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(isToken);
        if (tokens.ndim != 2 || tokens.dtype != ScalarType.Int64)
            throw new ArgumentException($"Expected Int64 [B, T], got {tokens.dtype} {ShapeText.Of(tokens)}.", nameof(tokens));
        if (!isToken.shape.AsSpan().SequenceEqual(tokens.shape) || isToken.dtype is not (ScalarType.Bool or ScalarType.Int64))
            throw new ArgumentException($"Expected Bool or Int64 {ShapeText.Of(tokens)}, got {isToken.dtype} {ShapeText.Of(isToken)}.", nameof(isToken));
        using var scope = NewDisposeScope();
        var (rows, length) = ((int)tokens.size(0), (int)tokens.size(1));
        // ToArray refuses an empty tensor.
        long[] values = [.. tokens.cpu().contiguous().data<long>()];
        bool[] marks = [.. isToken.to(ScalarType.Bool).cpu().contiguous().data<bool>()];
        return [.. Enumerable.Range(0, rows).Select(row => Row(values.AsSpan(row * length, length), marks.AsSpan(row * length, length), row))];
    }

    private static int[] Row(ReadOnlySpan<long> values, ReadOnlySpan<bool> isToken, int row)
    {
        var first = isToken.IndexOf(true);
        if (first < 0) throw new ArgumentException($"Row {row} has no token.", nameof(isToken));
        var end = isToken.LastIndexOf(true) + 1;
        if (isToken[first..end].Contains(false)) throw new ArgumentException($"The tokens of row {row} are not one run.", nameof(isToken));
        var prompt = new int[end - first];
        for (var i = 0; i < prompt.Length; i++) prompt[i] = checked((int)values[first + i]);
        return prompt;
    }
}
