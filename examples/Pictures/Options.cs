using System.CommandLine;
using System.Globalization;

namespace Pictures;

/// <summary>Makes options of a command line.</summary>
public static class Options
{
    /// <summary>A file.</summary>
    public static Option<string> File(string name, string description, string value) =>
        new(name) { Description = description, HelpName = "FILE", DefaultValueFactory = _ => value };

    /// <summary>A file that may be left out.</summary>
    public static Option<string?> OptionalFile(string name, string description) => new(name) { Description = description, HelpName = "FILE" };

    /// <summary>A whole number.</summary>
    public static Option<int> Count(string name, string description, int value, int least = 1) =>
        Number(name, description, value, number => number >= least, $"a whole number, at least {least}");

    /// <summary>A number.</summary>
    public static Option<T> Number<T>(string name, string description, T value, Func<T, bool> fits, string expected)
        where T : struct, IParsable<T> => new(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => value,
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (T.TryParse(text, CultureInfo.InvariantCulture, out var number) && fits(number)) return number;
                result.AddError($"{name} must be {expected}, not '{text}'.");
                return value;
            },
        };

    /// <summary>Where all random choices come from.</summary>
    public static Option<long> Seed() => Number("--seed", "Where all random choices come from.", 1L, _ => true, "a whole number");
}
