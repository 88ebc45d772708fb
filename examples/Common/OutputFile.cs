using ContextAware.IO;

namespace Examples.Common;

/// <summary>Files that a command is going to write.</summary>
public static class OutputFile
{
    /// <summary>Finds out before the work whether a file can be written, without touching it.</summary>
    /// <exception cref="UserException">It can't.</exception>
    public static void Check(string path)
    {
        if (Directory.Exists(path)) throw new UserException($"Can't write {path}: it is a folder.");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (!Directory.Exists(folder)) throw new UserException($"Can't write {path}: there is no folder {folder}.");
        FileErrors.Guard($"write {path}", () => Rehearse(path));
    }

    // All that writing does first, and then nothing: what throws while it writes changes nothing.
    private static void Rehearse(string path)
    {
        try
        {
            AtomicFile.Write(path, _ => throw new RehearsalException());
        }
        catch (RehearsalException)
        {
            // So far it would have gone well.
        }
    }

    private sealed class RehearsalException : Exception;
}
