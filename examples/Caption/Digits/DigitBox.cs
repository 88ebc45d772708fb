namespace Caption.Digits;

/// <summary>A digit on a picture, in the frame it was pasted with.</summary>
/// <param name="Digit">0 to 9.</param>
/// <param name="Top">The first row of the frame.</param>
/// <param name="Left">The first column of the frame.</param>
public sealed record DigitBox(int Digit, int Top, int Left)
{
    /// <summary>Whether a point lies in the frame.</summary>
    public bool Holds(double row, double column) =>
        row >= Top && row < Top + DigitSet.Side && column >= Left && column < Left + DigitSet.Side;
}
