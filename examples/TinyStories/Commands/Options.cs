using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace TinyStories.Commands;

/// <summary>Makes options, those above all that more than one command has.</summary>
internal static class Options
{
    public static Option<string> Model() => new("--model")
    {
        Description = "The model: llama2.c's .bin, or .safetensors as convert writes it.",
        DefaultValueFactory = _ => "stories260K.bin",
        HelpName = "FILE",
    };

    public static Option<string> Tokenizer() => new("--tokenizer")
    {
        Description = "The model's tokenizer, in llama2.c's layout.",
        DefaultValueFactory = _ => "tok512.bin",
        HelpName = "FILE",
    };

    public static Option<T> Number<T>(string name, string description, T value, Func<T, bool> fits, string expected)
        where T : struct, IParsable<T> => new(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => value,
            CustomParser = result => Parse(result, name, fits, expected, value),
        };

    private static T Parse<T>(ArgumentResult result, string name, Func<T, bool> fits, string expected, T value)
        where T : struct, IParsable<T>
    {
        var text = result.Tokens[0].Value;
        if (T.TryParse(text, CultureInfo.InvariantCulture, out var number) && fits(number)) return number;
        result.AddError($"{name} must be {expected}, not '{text}'.");
        return value;
    }
}
