using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace ContextAware.Testing;

/// <summary>
/// Data that lies beside the repository, in ../shared/data or where CONTEXTAWARE_DATA says.
/// A test that asks for a file which isn't there is skipped, and the reason names the file.
/// </summary>
public static class SharedData
{
    /// <summary>The variable that says where the data is.</summary>
    public const string Variable = "CONTEXTAWARE_DATA";

    private static readonly ConcurrentDictionary<string, Lazy<string>> Unpacked = new();

    /// <summary>The folder, whether it exists or not.</summary>
    public static string Folder
        => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : Path.GetFullPath(RepositoryPaths.At("..", "shared", "data"));

    /// <summary>The path of a file that is there; else the test is skipped.</summary>
    public static string File(string name) => File(Folder, name);

    /// <summary>The folder into which an archive (.tar.xz) of the data folder was unpacked; once a run.</summary>
    public static string Unpack(string archive) => Unpacked.GetOrAdd(File(archive), path => new(() => Extract(path, "tar"))).Value;

    internal static string File(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        Assert.SkipUnless(System.IO.File.Exists(path), $"The data file {path} is missing ({Variable} may say where the folder is).");
        return path;
    }

    internal static string Extract(string archive, string program)
    {
        var target = Directory.CreateTempSubdirectory("contextaware-data-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Remove(target);
        using var tar = Start(new(program, ["-xf", archive, "-C", target]) { RedirectStandardError = true }, archive);
        var complaint = tar.StandardError.ReadToEnd();
        tar.WaitForExit();
        // GNU tar runs xz, and says so where it isn't installed.
        Assert.SkipWhen(complaint.Contains("Cannot exec", StringComparison.Ordinal), $"Unpacking {archive} needs the program xz: {complaint.Trim()}");
        return tar.ExitCode == 0 ? target : throw new IOException($"tar could not unpack {archive}: {complaint.Trim()}");
    }

    private static Process Start(ProcessStartInfo start, string archive)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            Assert.Skip($"Unpacking {archive} needs the programs tar and xz: {e.Message}");
            throw;
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // A file still open at the end of the process: the system's temporary folder keeps it.
        }
    }
}
