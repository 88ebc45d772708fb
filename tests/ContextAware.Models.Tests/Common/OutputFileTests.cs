using System.Diagnostics;
using Examples.Common;

namespace ContextAware.Models.Tests.Common;

public sealed class OutputFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("output").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_file_that_can_be_written_is_left_alone()
    {
        OutputFile.Check(Path.Combine(folder, "new"));
        Assert.Empty(Directory.GetFiles(folder));
        var old = Path.Combine(folder, "old");
        File.WriteAllText(old, "text");
        OutputFile.Check(old);
        Assert.Equal("text", File.ReadAllText(Assert.Single(Directory.GetFiles(folder))));
    }

    [Fact]
    public void What_is_no_file_is_refused()
    {
        Assert.Contains("it is a folder", Refusal(folder));
        Assert.Contains("there is no folder", Refusal(Path.Combine(folder, "none", "file")));
    }

    [Fact]
    public void A_device_a_pipe_and_a_folder_that_takes_no_files_are_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells them apart.");
        var pipe = Path.Combine(folder, "pipe");
        using (var made = Process.Start("mkfifo", [pipe])) made.WaitForExit();
        Assert.Contains("a device or a pipe", Refusal(pipe));
        Assert.Contains("a device or a pipe", Refusal("/dev/null"));
        Refusal("/proc/map.svg");
    }

    private static string Refusal(string path)
    {
        var message = Assert.Throws<UserException>(() => OutputFile.Check(path)).Message;
        Assert.StartsWith($"Can't write {path}: ", message);
        return message;
    }
}
