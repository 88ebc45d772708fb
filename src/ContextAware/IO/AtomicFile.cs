namespace ContextAware.IO;

/// <summary>Writes files that are either complete or not there.</summary>
public static class AtomicFile
{
    /// <summary>
    /// Writes beside the target under a temporary name, flushes to the disk, then renames over the target. When
    /// <paramref name="write"/> throws, the target is as it was and nothing is left behind.
    /// </summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="write">Writes the contents.</param>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
