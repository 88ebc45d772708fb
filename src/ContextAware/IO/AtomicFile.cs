using System.Text;

namespace ContextAware.IO;

/// <summary>
/// Writes files that are either whole or not there: the content goes to a temporary name in the same folder, is
/// flushed to the disk, and takes the real name at the end. A crash, a full disk or an exception on the way
/// leaves the old file as it was.
/// </summary>
public static class AtomicFile
{
    private const string Suffix = ".tmp";

    /// <summary>Writes a file through a stream.</summary>
    /// <param name="path">The file; one that exists is replaced. A link stays, and its target is replaced.</param>
    /// <param name="write">Writes the content. If it throws, nothing changes.</param>
    /// <exception cref="IOException">The folder is missing or can't be written to, the disk is full, or a device or a pipe has the name.</exception>
    /// <exception cref="UnauthorizedAccessException">The file or the folder is protected.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        var target = Target(path);
        if (Directory.Exists(target))
            throw new IOException($"'{path}' is a folder, not a file.");
        if (FileKind.IsSpecial(target))
            throw new IOException($"'{path}' is a device or a pipe, which a file can't take the place of.");
        var folder = Path.GetDirectoryName(target)!;
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"The folder '{folder}' does not exist, so '{path}' can't be written.");
        var temporary = Path.Combine(folder, $"{Prefix(target)}{Path.GetRandomFileName()}{Suffix}");
        try
        {
            using (var stream = new FileStream(temporary, Options(target)))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            // Once more: the process's mask may have taken rights away.
            if (!OperatingSystem.IsWindows() && File.Exists(target))
                File.SetUnixFileMode(temporary, File.GetUnixFileMode(target));
            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    /// <param name="path">The file.</param>
    /// <param name="text">The content, written as UTF-8 without a byte order mark.</param>
    public static void WriteText(string path, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Write(path, stream => stream.Write(new UTF8Encoding(false).GetBytes(text)));
    }

    /// <summary>Deletes what writers of a file left behind who were killed on the way. Nobody may be writing it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">The folder is missing or can't be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is protected.</exception>
    public static void RemoveLeftovers(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var target = Target(path);
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(target)!))
        {
            var name = Path.GetFileName(file);
            if (name.StartsWith(Prefix(target), StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal))
                File.Delete(file);
        }
    }

    private static string Prefix(string target) => $".{Path.GetFileName(target)}.";

    // The rights of the file that is replaced, from the start: what is secret stays so.
    private static FileStreamOptions Options(string target)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows() && File.Exists(target))
            options.UnixCreateMode = File.GetUnixFileMode(target) | UnixFileMode.UserWrite;
        return options;
    }

    private static string Target(string path)
    {
        var file = new FileInfo(Path.GetFullPath(path));
        return file.LinkTarget is null ? file.FullName : file.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
    }
}
