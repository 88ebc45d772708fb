using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Examples.Common;

/// <summary>Makes options, those above all that more than one command has.</summary>
public static class CommonOptions
{
    /// <summary>The widest network that can be asked for: a square matrix of it takes a gigabyte.</summary>
    public const int WidestNetwork = 16384;

    /// <summary>The most examples that a batch can be asked to have.</summary>
    public const int MostInBatch = 100_000;

    /// <summary>The most pictures that a page can be asked to have.</summary>
    public const int MostOnPage = 1000;

    private const int WidestBeam = 1000;

    // Shorter is none to a clock.
    private const double ShortestMinutes = 1e-5;

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
    public static Option<int> Beam() => Count("--beam", "How many beginnings of an answer to keep in mind; 1 takes the likeliest symbol each time.", 1, most: WidestBeam);

    /// <summary>Whether to take up a run.</summary>
    public static Option<bool> Resume() => new("--resume") { Description = "Go on with the training in the folder, as if it had never stopped. Leave all else out: it keeps what it was asked for." };

    /// <summary>A file that may be left out.</summary>
    public static Option<string?> File(string name, string description) => Named(new Option<string?>(name) { Description = description, HelpName = "FILE" });

    /// <summary>A file that has a default.</summary>
    public static Option<string> File(string name, string description, string value) =>
        Named(new Option<string>(name) { Description = description, HelpName = "FILE", DefaultValueFactory = _ => value });

    /// <summary>A file that must be given.</summary>
    public static Option<string> RequiredFile(string name, string description) =>
        Named(new Option<string>(name) { Description = description, HelpName = "FILE", Required = true });

    /// <summary>A folder that may be left out.</summary>
    public static Option<string?> OptionalFolder(string name, string description) => Named(new Option<string?>(name) { Description = description, HelpName = "DIR" });

    /// <summary>The folder of a training.</summary>
    public static Option<string> Folder(string value, string description = "Where to keep the run: its state, figures, curves and model.") =>
        Named(new Option<string>("--folder") { Description = description, HelpName = "DIR", DefaultValueFactory = _ => value });

    /// <summary>A whole number.</summary>
    public static Option<int> Count(string name, string description, int value, int least = 1, int most = int.MaxValue) =>
        Number(name, description, value, number => number >= least && number <= most, WholeNumber(least, most));

    /// <summary>A whole number from 1 on that may be left out.</summary>
    public static Option<int?> OptionalCount(string name, string description, int most = int.MaxValue) =>
        Optional<int>(name, description, number => number >= 1 && number <= most, WholeNumber(1, most));

    /// <summary>A time in minutes.</summary>
    public static Option<double> Minutes(string description, double value) => Number("--minutes", description, value, IsTime, ATime);

    /// <summary>A time in minutes that may be left out.</summary>
    public static Option<double?> Minutes(string description) => Optional<double>("--minutes", description, IsTime, ATime);

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
                if (int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out numbers[i]) && numbers[i] >= 1 && numbers[i] <= most && Array.IndexOf(numbers, numbers[i]) == i) continue;
                result.AddError($"{name} must be whole numbers from 1 to {most}, each once; not '{text}'.");
                return null;
            }

            return numbers;
        },
    };

    /// <summary>A number that has a default.</summary>
    public static Option<T> Number<T>(string name, string description, T value, Func<T, bool> fits, string expected)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => value,
            CustomParser = result => Parse(result, name, fits, expected) ?? value,
        };

    /// <summary>A number that may be left out.</summary>
    public static Option<T?> Optional<T>(string name, string description, Func<T, bool> fits, string expected)
        where T : struct, INumber<T> => new(name)
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

    private static string ATime { get; } = string.Create(CultureInfo.InvariantCulture, $"a number above {ShortestMinutes:0.######} and below a million");

    private static bool IsTime(double minutes) => minutes is > ShortestMinutes and < 1e6;

    private static string WholeNumber(int least, int most) => $"a whole number, at least {least}{(most == int.MaxValue ? "" : $" and at most {most}")}";

    private static Option<T> Named<T>(Option<T> option)
    {
        option.Validators.Add(given =>
        {
            if (given.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value))) given.AddError($"{option.Name} must be a name, not '{given.Tokens[0].Value}'.");
        });
        return option;
    }

    private static T? Parse<T>(ArgumentResult result, string name, Func<T, bool> fits, string expected)
        where T : struct, INumber<T>
    {
        var text = result.Tokens[0].Value;
        // As numbers are written in programs: a comma that separates thousands here is a decimal one elsewhere.
        var style = typeof(T) == typeof(double) ? NumberStyles.Float : NumberStyles.Integer;
        if (T.TryParse(text, style, CultureInfo.InvariantCulture, out var number) && fits(number)) return number;
        result.AddError($"{name} must be {expected}, not '{text}'.");
        return null;
    }
}
