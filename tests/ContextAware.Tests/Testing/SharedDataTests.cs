using System.ComponentModel;
using System.Diagnostics;
using ContextAware.Testing;

namespace ContextAware.Tests.Testing;

public class SharedDataTests
{
    [Fact]
    public void A_missing_file_skips_the_test_and_is_named()
    {
        string? reason = null;
        try
        {
            SharedData.File(Path.GetTempPath(), "no-such-file.txt");
        }
        catch (Xunit.Sdk.SkipException skip)
        {
            reason = skip.Message;
        }

        Assert.Contains(Path.Combine(Path.GetTempPath(), "no-such-file.txt"), reason);
        Assert.Contains("CONTEXTAWARE_DATA", reason);
    }

    [Fact]
    public void An_archive_is_unpacked_once()
    {
        var folder = SharedData.Unpack("scan.tar.xz");
        Assert.NotEmpty(Directory.GetFiles(folder, "*", SearchOption.AllDirectories));
        Assert.Equal(folder, SharedData.Unpack("scan.tar.xz"));
    }

    [Fact]
    public void A_plain_archive_comes_out_whole()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "words.txt"), "one two");
            var archive = Path.Combine(folder.FullName, "words.tar");
            Run("tar", "-cf", archive, "-C", folder.FullName, "words.txt");
            Assert.Equal("one two", File.ReadAllText(Path.Combine(SharedData.Extract(archive, "tar"), "words.txt")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_broken_archive_is_an_error_and_no_skip()
    {
        var archive = Path.GetTempFileName();
        File.WriteAllText(archive, "this is no archive, whatever its name says");
        Assert.Contains("tar could not unpack", Assert.Throws<IOException>(() => SharedData.Extract(archive, "tar")).Message);
        File.Delete(archive);
    }

    [Fact]
    public void A_machine_without_tar_says_so()
        => Assert.Throws<Win32Exception>(() => SharedData.Extract("any", "no-such-program-tar"));

    private static void Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(program, arguments);
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }
        catch (Win32Exception e)
        {
            Assert.Skip($"This machine has no {program}: {e.Message}");
        }
    }
}
