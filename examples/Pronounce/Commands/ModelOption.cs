using System.CommandLine;
using Examples.Common;

namespace Pronounce.Commands;

/// <summary>The option that names a model.</summary>
internal static class ModelOption
{
    /// <summary>A file; without it the program's own model.</summary>
    public static Option<string?> Create() =>
        CommonOptions.File("--load", "The model to use. Without it: the one that the program carries.");
}
