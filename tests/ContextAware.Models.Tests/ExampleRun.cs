using Spectre.Console;

namespace ContextAware.Models.Tests;

/// <summary>Runs an example's command line in this process, in a folder of its own.</summary>
/// <param name="program">The program.</param>
internal sealed class ExampleRun(Func<IReadOnlyList<string>, IAnsiConsole, TextWriter, CancellationToken, Task<int>> program) : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("example").FullName;

    public string Output { get; private set; } = "";

    public string Error { get; private set; } = "";

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public string File(string name) => Path.Combine(Folder, name);

    public async Task<int> Run(params string[] arguments)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var console = AnsiConsole.Create(new()
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = 300;
        var code = await program(arguments, console, error, TestContext.Current.CancellationToken);
        (Output, Error) = (output.ToString(), error.ToString());
        return code;
    }

    /// <summary>Runs what must fail, and returns its one line.</summary>
    public async Task<string> Fail(params string[] arguments)
    {
        Assert.Equal(1, await Run(arguments));
        return Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)).TrimEnd();
    }

    /// <summary>An uncompressed picture (BMP) of one colour.</summary>
    public string WritePicture(string name, int width, int height)
    {
        var row = ((3 * width) + 3) / 4 * 4;
        using var writer = new BinaryWriter(System.IO.File.Create(File(name)));
        writer.Write("BM"u8);
        writer.Write(54 + (row * height));
        writer.Write(0);
        writer.Write(54);
        foreach (var number in new[] { 40, width, height }) writer.Write(number);
        writer.Write((short)1);
        writer.Write((short)24);
        foreach (var number in new[] { 0, row * height, 2835, 2835, 0, 0 }) writer.Write(number);
        writer.Write(new byte[row * height]);
        return File(name);
    }
}
