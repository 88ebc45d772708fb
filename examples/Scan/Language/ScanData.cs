using System.ComponentModel;
using System.Diagnostics;
using Examples.Common;

namespace Scan.Language;

/// <summary>Where SCAN's files are: a folder, or an archive that is unpacked for as long as this lives.</summary>
public sealed class ScanData : IDisposable
{
    /// <summary>The variable that says where the shared data are.</summary>
    private const string Variable = "CONTEXTAWARE_DATA";

    private readonly string folder;
    private readonly bool isTemporary;

    private ScanData(string folder, bool isTemporary) => (this.folder, this.isTemporary) = (folder, isTemporary);

    /// <summary>Opens a folder or an archive.</summary>
    /// <param name="path">Either; null looks for scan.tar.xz in the folder that CONTEXTAWARE_DATA names, else in ../shared/data.</param>
    /// <exception cref="UserException">There is nothing, or it can't be unpacked.</exception>
    public static ScanData Open(string? path)
    {
        var place = path ?? Path.Combine(Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } shared ? shared : Path.Combine("..", "shared", "data"), "scan.tar.xz");
        if (Directory.Exists(place)) return new(place, isTemporary: false);
        if (!File.Exists(place))
            throw new UserException($"There are no SCAN data at {place}: give the folder of https://github.com/brendenlake/SCAN, or an archive of it, with --data.");
        var data = new ScanData(Directory.CreateTempSubdirectory("scan").FullName, isTemporary: true);
        try
        {
            Unpack(place, data.folder);
            return data;
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>The path of one of the files.</summary>
    /// <exception cref="UserException">It is missing.</exception>
    public string Find(string name)
    {
        var path = Path.Combine(folder, Path.Combine(name.Split('/')));
        return File.Exists(path) ? path : throw new UserException($"The SCAN data have no file {name}.");
    }

    /// <summary>Removes what was unpacked.</summary>
    public void Dispose()
    {
        if (isTemporary) Directory.Delete(folder, recursive: true);
    }

    private static void Unpack(string archive, string target)
    {
        try
        {
            using var tar = Process.Start(new ProcessStartInfo("tar", ["-xf", archive, "-C", target]) { RedirectStandardError = true })!;
            var complaint = tar.StandardError.ReadToEnd();
            tar.WaitForExit();
            if (tar.ExitCode != 0) throw new UserException($"tar could not unpack {archive}: {complaint.Trim()}");
        }
        catch (Win32Exception error)
        {
            throw new UserException($"Unpacking {archive} needs the program tar; unpack it yourself and give the folder with --data.", error);
        }
    }
}
