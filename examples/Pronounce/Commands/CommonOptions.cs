using System.CommandLine;
using TorchSharp;
using static TorchSharp.torch;

namespace Pronounce.Commands;

/// <summary>Options that more than one command has, and checks of their values.</summary>
internal static class CommonOptions
{
    public const string DefaultModel = "pronounce.safetensors";

    public static Option<string> Device() => Choice("--device", "Where to compute.", "cpu", "cuda");

    /// <summary>One of some words; the first by default.</summary>
    public static Option<string> Choice(string name, string description, params string[] values)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => values[0] };
        option.AcceptOnlyFromAmong(values);
        return option;
    }

    public static Option<long> Seed() => new("--seed")
    {
        Description = "Where all random choices come from.",
        DefaultValueFactory = _ => 1,
        HelpName = "N",
    };

    public static Option<string> Model() => new("--load")
    {
        Description = "The model to use.",
        DefaultValueFactory = _ => DefaultModel,
        HelpName = "FILE",
    };

    public static Option<string?> File(string name, string description) => new(name) { Description = description, HelpName = "FILE" };

    public static Option<int> Count(string name, string description, int value, int least = 1) =>
        new Option<int>(name) { Description = description, DefaultValueFactory = _ => value, HelpName = "N" }
            .Check(number => number >= least, $"at least {least}");

    /// <summary>Refuses values that don't fit, before anything is done.</summary>
    public static Option<T> Check<T>(this Option<T> option, Func<T, bool> fits, string expected)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 0 || result.Errors.Any()) return;
            if (!fits(result.GetValueOrDefault<T>()!)) result.AddError($"{option.Name} must be {expected}, not {result.Tokens[0].Value}.");
        });
        return option;
    }

    /// <summary>Whether the user gave the option.</summary>
    public static bool IsGiven(this ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>The device of a name.</summary>
    /// <exception cref="UserException">This machine has no such device.</exception>
    public static Device Open(string name) => name != "cuda" || cuda.is_available()
        ? device(name)
        : throw new UserException("There is no CUDA device that this libtorch can use; try --device cpu.");
}
