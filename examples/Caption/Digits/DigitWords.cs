namespace Caption.Digits;

/// <summary>What the digits are called.</summary>
public static class DigitWords
{
    /// <summary>The names from 0 to 9.</summary>
    public static IReadOnlyList<string> Names { get; } = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
}
