using System.ComponentModel;
using System.Diagnostics;
using ContextAware.Testing;

namespace ContextAware.Tests.Testing;

public class SharedDataTests
{
    [Fact]
    public void A_missing_file_skips_the_test_and_is_named()
    {
        var reason = SkipReason(() => SharedData.File(Path.GetTempPath(), "no-such-file.txt"));
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
            Tar("-cf", archive, "-C", folder.FullName, "words.txt");
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
        Tar("--version");
        var archive = Path.GetTempFileName();
        File.WriteAllText(archive, "this is no archive, whatever its name says");
        Assert.Contains("tar could not unpack", Assert.Throws<IOException>(() => SharedData.Extract(archive, "tar")).Message);
        File.Delete(archive);
    }

    [Fact]
    public void A_machine_without_tar_skips()
        => Assert.Contains("Unpacking any.tar.xz needs the programs tar and xz", SkipReason(() => SharedData.Extract("any.tar.xz", "no-such-program-tar")));

    [Fact]
    public void A_machine_without_xz_skips()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows's tar unpacks xz itself.");
            return;
        }

        var tar = Path.GetTempFileName();
        File.WriteAllText(tar, "#!/bin/sh\necho 'tar (child): xz: Cannot exec: No such file or directory' >&2\nexit 2\n");
        File.SetUnixFileMode(tar, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Contains("Unpacking any.tar.xz needs the program xz", SkipReason(() => SharedData.Extract("any.tar.xz", tar)));
        File.Delete(tar);
    }

    // Assert.Throws lets a skip through, as it should.
    private static string SkipReason(Action action)
    {
        try
        {
            action();
        }
        catch (Xunit.Sdk.SkipException skip)
        {
            return skip.Message;
        }

        throw new Xunit.Sdk.XunitException("Nothing was skipped.");
    }

    private static void Tar(params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("tar", arguments) { RedirectStandardOutput = true })!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }
        catch (Win32Exception e)
        {
            Assert.Skip($"This machine has no tar: {e.Message}");
        }
    }
}
