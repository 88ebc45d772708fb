using ContextAware.Testing;
using global::TinyStories.Commands;

namespace ContextAware.Models.Tests.TinyStories;

/// <summary>The trained model of the data folder, and the program run in this process. Tests that ask for it are skipped where it is absent.</summary>
internal static class StoriesData
{
    public static string Model => Path.Combine(SharedData.Unpack("stories260K.tar.xz"), "stories260K.bin");

    public static string Tokenizer => Path.Combine(SharedData.Unpack("stories260K.tar.xz"), "tok512.bin");

    public static byte[] Expected => File.ReadAllBytes(SharedData.File("stories260K.expected.txt"));

    /// <summary>Runs the program.</summary>
    public static async Task<(int Code, byte[] Output, string Error)> Run(params string[] arguments)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter();
        var code = await TinyStoriesCommand.RunAsync(arguments, output, error, TestContext.Current.CancellationToken);
        return (code, output.ToArray(), error.ToString());
    }
}
