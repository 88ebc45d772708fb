using System.CommandLine;
using Examples.Common;

namespace TinyStories.Commands;

/// <summary>The options that every command has.</summary>
internal static class ModelOptions
{
    public static Option<string> Model() =>
        CommonOptions.File("--model", "The model: llama2.c's .bin, or .safetensors as convert writes it.", "stories260K.bin");

    public static Option<string> Tokenizer() => CommonOptions.File("--tokenizer", "The model's tokenizer, in llama2.c's layout.", "tok512.bin");
}
