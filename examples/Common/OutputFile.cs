namespace Examples.Common;

/// <summary>Files that a command is going to write.</summary>
public static class OutputFile
{
    /// <summary>Finds out before the work whether a file can be written, without touching it.</summary>
    /// <exception cref="UserException">It can't.</exception>
    public static void Check(string path)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new UserException("The name of a file to write is empty.");
        if (Directory.Exists(path)) throw new UserException($"Can't write {path}: it is a folder.");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (!Directory.Exists(folder)) throw new UserException($"Can't write {path}: there is no folder {folder}.");
    }
}
