using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Examples.Common;

/// <summary>Makes options, those above all that more than one command has.</summary>
public static class CommonOptions
{
    /// <summary>Where to compute.</summary>
    public static Option<string> Device() => Choice("--device", "Where to compute.", "cpu", "cuda");

    /// <summary>One of some words; the first by default.</summary>
    public static Option<string> Choice(string name, string description, params string[] values)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => values[0] };
        option.AcceptOnlyFromAmong(values);
        return option;
    }

    /// <summary>Where random choices come from.</summary>
    public static Option<long> Seed() => Number("--seed", "Where all random choices come from.", 1L, _ => true, "a whole number");

    /// <summary>The width of the beam.</summary>
    public static Option<int> Beam() => Count("--beam", "How many beginnings of an answer to keep in mind; 1 takes the likeliest symbol each time.", 1);

    /// <summary>Whether to take up a run.</summary>
    public static Option<bool> Resume() => new("--resume") { Description = "Go on with the training in the folder, as if it had never stopped. Leave all else out: it keeps what it was asked for." };

    /// <summary>A file that may be left out.</summary>
    public static Option<string?> File(string name, string description) => new(name) { Description = description, HelpName = "FILE" };

    /// <summary>A file that has a default.</summary>
    public static Option<string> File(string name, string description, string value) =>
        new(name) { Description = description, HelpName = "FILE", DefaultValueFactory = _ => value };

    /// <summary>The folder of a training.</summary>
    public static Option<string> Folder(string value) =>
        new("--folder") { Description = "Where to keep the run: its state, figures, curves and model.", HelpName = "DIR", DefaultValueFactory = _ => value };

    /// <summary>A whole number.</summary>
    public static Option<int> Count(string name, string description, int value, int least = 1) =>
        Number(name, description, value, number => number >= least, $"a whole number, at least {least}");

    /// <summary>Whole numbers from 1 on, each once; none by default.</summary>
    public static Option<int[]> Counts(string name, string description, int most) => new(name)
    {
        Description = description,
        HelpName = "N",
        AllowMultipleArgumentsPerToken = true,
        CustomParser = result =>
        {
            var numbers = new int[result.Tokens.Count];
            for (var i = 0; i < numbers.Length; i++)
            {
                var text = result.Tokens[i].Value;
                if (int.TryParse(text, CultureInfo.InvariantCulture, out numbers[i]) && numbers[i] >= 1 && numbers[i] <= most && Array.IndexOf(numbers, numbers[i]) == i) continue;
                result.AddError($"{name} must be whole numbers from 1 to {most}, each once; not '{text}'.");
                return null;
            }

            return numbers;
        },
    };

    /// <summary>A number that has a default.</summary>
    public static Option<T> Number<T>(string name, string description, T value, Func<T, bool> fits, string expected)
        where T : struct, IParsable<T> => new(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => value,
            CustomParser = result => Parse(result, name, fits, expected) ?? value,
        };

    /// <summary>A number that may be left out.</summary>
    public static Option<T?> Optional<T>(string name, string description, Func<T, bool> fits, string expected)
        where T : struct, IParsable<T> => new(name)
        {
            Description = description,
            HelpName = "N",
            CustomParser = result => Parse(result, name, fits, expected),
        };

    /// <summary>Whether the user gave the option.</summary>
    public static bool IsGiven(this ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>The device of a name.</summary>
    /// <exception cref="UserException">This machine has no such device.</exception>
    public static Device Open(string name) => name != "cuda" || cuda.is_available()
        ? device(name)
        : throw new UserException("There is no CUDA device that this libtorch can use; try --device cpu.");

    private static T? Parse<T>(ArgumentResult result, string name, Func<T, bool> fits, string expected)
        where T : struct, IParsable<T>
    {
        var text = result.Tokens[0].Value;
        if (T.TryParse(text, CultureInfo.InvariantCulture, out var number) && fits(number)) return number;
        result.AddError($"{name} must be {expected}, not '{text}'.");
        return null;
    }
}
