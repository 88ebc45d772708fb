using ContextAware.IO;

namespace ContextAware.Tests.IO;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("contextaware-").FullName;

    private string Path => System.IO.Path.Combine(folder, "file.txt");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Text_is_written_as_utf8_without_a_mark_and_nothing_else_stays()
    {
        AtomicFile.WriteText(Path, "naïve →");
        Assert.Equal("naïve →"u8.ToArray(), File.ReadAllBytes(Path));
        Assert.Equal([Path], Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void A_file_that_exists_is_replaced()
    {
        File.WriteAllText(Path, "a much longer text than the new one");
        AtomicFile.WriteText(Path, "new");
        Assert.Equal("new", File.ReadAllText(Path));
    }

    [Fact]
    public void The_old_file_stays_while_the_new_one_is_written_and_if_that_fails()
    {
        File.WriteAllText(Path, "old");
        var failure = Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(Path, stream =>
        {
            stream.Write("half of it"u8);
            stream.Flush();
            Assert.Equal("old", File.ReadAllText(Path));
            throw new InvalidOperationException("power cut");
        }));
        Assert.Equal("power cut", failure.Message);
        Assert.Equal("old", File.ReadAllText(Path));
        Assert.Equal([Path], Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void What_killed_writers_left_is_removed_and_nothing_else()
    {
        string[] others = [Path, System.IO.Path.Combine(folder, ".other.txt.abc.tmp"), System.IO.Path.Combine(folder, "file.txt.tmp")];
        foreach (var file in others.Append(System.IO.Path.Combine(folder, ".file.txt.abc.tmp"))) File.WriteAllText(file, "half");
        AtomicFile.RemoveLeftovers(Path);
        Assert.Equal(others.Order(StringComparer.Ordinal), Directory.GetFileSystemEntries(folder).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_device_or_a_pipe_stays_what_it_is()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux is asked.");
        Assert.Contains("device or a pipe", Assert.Throws<IOException>(() => AtomicFile.WriteText("/dev/null", "")).Message, StringComparison.Ordinal);
        using (var made = System.Diagnostics.Process.Start("mkfifo", Path))
            made.WaitForExit();
        Assert.Throws<IOException>(() => AtomicFile.WriteText(Path, ""));
        Assert.Equal([Path], Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void The_rights_of_a_file_hold_while_it_is_replaced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other rights.");
        File.WriteAllText(Path, "secret");
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        AtomicFile.Write(Path, _ =>
        {
            var temporary = Directory.GetFileSystemEntries(folder).Single(file => file != Path);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(temporary));
        });
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
    }

    [Fact]
    public void Leftovers_are_those_of_the_very_name()
    {
        var star = System.IO.Path.Combine(folder, "a*.txt");
        var other = System.IO.Path.Combine(folder, ".ab.txt.xyz.tmp");
        File.WriteAllText(other, "half");
        AtomicFile.RemoveLeftovers(star);
        Assert.Equal([other], Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void A_folder_that_is_missing_is_named()
    {
        var nowhere = System.IO.Path.Combine(folder, "missing", "file.txt");
        Assert.Contains(System.IO.Path.Combine(folder, "missing"), Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.WriteText(nowhere, "")).Message);
    }

    [Fact]
    public void A_folder_is_no_file()
    {
        Assert.Contains("is a folder", Assert.Throws<IOException>(() => AtomicFile.WriteText(folder, "")).Message);
        Assert.True(Directory.Exists(folder));
    }

    [Fact]
    public void A_link_stays_a_link_and_permissions_stay()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows lets only some users make links.");
            return;
        }

        var link = System.IO.Path.Combine(folder, "link.txt");
        File.WriteAllText(Path, "old");
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.CreateSymbolicLink(link, Path);
        AtomicFile.WriteText(link, "new");
        Assert.Equal("new", File.ReadAllText(Path));
        Assert.Equal(Path, new FileInfo(link).LinkTarget);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
    }
}
