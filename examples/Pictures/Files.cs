using System.Text.Json;
using ContextAware.Interop;

namespace Pictures;

/// <summary>Turns what goes wrong with files into one line for the user.</summary>
public static class Files
{
    /// <summary>Reads.</summary>
    /// <exception cref="UserException">The file isn't there, may not be read, or holds something else.</exception>
    public static T Read<T>(string path, Func<string, T> read) => Try(path, "read", read);

    /// <summary>Writes.</summary>
    /// <exception cref="UserException">The file may not be written.</exception>
    public static void Write(string path, Action<string> write) => Try(path, "write", name =>
    {
        write(name);
        return true;
    });

    /// <summary>Finds out before the work whether a file can be written, without touching it.</summary>
    /// <exception cref="UserException">It can't.</exception>
    public static void CheckWritable(string path)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new UserException("The name of a file to write is empty.");
        if (Directory.Exists(path)) throw new UserException($"Can't write {path}: it is a folder.");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (!Directory.Exists(folder)) throw new UserException($"Can't write {path}: there is no folder {folder}.");
    }

    private static T Try<T>(string path, string verb, Func<string, T> work)
    {
        try
        {
            return work(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException
            or SafetensorsException or StateDictException or JsonException or ArgumentException)
        {
            throw new UserException($"Can't {verb} {path}: {Reason(error)}.", error);
        }
    }

    private static string Reason(Exception error) => error switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        UnauthorizedAccessException => "it is a folder or access is denied",
        _ => error.Message.ReplaceLineEndings(" ").TrimEnd('.'),
    };
}
