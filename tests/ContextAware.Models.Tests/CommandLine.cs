using Spectre.Console;

namespace ContextAware.Models.Tests;

/// <summary>Runs a program in this process, in a folder of its own.</summary>
internal sealed class CommandLine(Func<IReadOnlyList<string>, IAnsiConsole, TextWriter, CancellationToken, Task<int>> run) : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("program").FullName;

    public string Output { get; private set; } = "";

    public string Error { get; private set; } = "";

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public string File(string name) => Path.Combine(Folder, name);

    public string Write(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        return File(name);
    }

    /// <summary>Words whose phones are their letters: easily learned.</summary>
    public string WriteEasyWords(string name, int count, int seed)
    {
        var random = new Random(seed);
        var words = Enumerable.Range(0, count).Select(_ => new string([.. Enumerable.Range(0, random.Next(2, 6)).Select(_ => "ABDE"[random.Next(4)])]));
        return Write(name, string.Concat(words.Distinct().Select(word => $"{word}\t{string.Join(' ', word.Select(letter => letter switch { 'A' => "AH", 'E' => "EH", _ => letter.ToString() }))}\n")));
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

    public Task<int> Run(params string[] arguments) => Run(TestContext.Current.CancellationToken, arguments);

    /// <summary>Runs what must fail, and returns its one line.</summary>
    public async Task<string> Fail(params string[] arguments)
    {
        Assert.Equal(1, await Run(arguments));
        return Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)).TrimEnd();
    }

    /// <summary>Runs, and stops as Ctrl-C does when a text has been shown. It must be shown within two minutes.</summary>
    public async Task<int> RunUntil(string shown, params string[] arguments)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(TimeSpan.FromMinutes(2));
        using var output = new StoppingWriter(shown, stop);
        var code = await Run(output, arguments, stop.Token);
        Assert.Contains(shown, Output, StringComparison.Ordinal);
        return code;
    }

    public async Task<int> Run(CancellationToken cancellation, params string[] arguments)
    {
        using var output = new StringWriter();
        return await Run(output, arguments, cancellation);
    }

    private async Task<int> Run(StringWriter output, string[] arguments, CancellationToken cancellation)
    {
        using var error = new StringWriter();
        var console = AnsiConsole.Create(new()
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = 300;
        var code = await run(arguments, console, error, cancellation);
        (Output, Error) = (output.ToString(), error.ToString());
        return code;
    }

    private sealed class StoppingWriter(string shown, CancellationTokenSource stop) : StringWriter
    {
        public override void Write(char value)
        {
            base.Write(value);
            Look();
        }

        public override void Write(string? value)
        {
            base.Write(value);
            Look();
        }

        public override void Write(ReadOnlySpan<char> buffer)
        {
            base.Write(buffer);
            Look();
        }

        public override void Write(char[] buffer, int index, int count)
        {
            base.Write(buffer, index, count);
            Look();
        }

        private void Look()
        {
            if (ToString().Contains(shown, StringComparison.Ordinal)) stop.Cancel();
        }
    }
}
