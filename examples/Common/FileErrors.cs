using System.Text;
using System.Text.Json;
using ContextAware.Interop;

namespace Examples.Common;

/// <summary>Says in a few words why a file could not be used.</summary>
public static class FileErrors
{
    /// <summary>Whether an exception is about a file's place, rights or content.</summary>
    public static bool IsOne(Exception error) =>
        error is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException or JsonException
            or SafetensorsException or StateDictException;

    /// <summary>The reason, in one line and without a full stop.</summary>
    public static string Reason(Exception error) => error switch
    {
        FileNotFoundException => "there is no such file",
        DirectoryNotFoundException => "there is no such file or folder",
        UnauthorizedAccessException => "it is a folder or access is denied",
        DecoderFallbackException => "it is not UTF-8 text",
        _ => error.Message.ReplaceLineEndings(" ").TrimEnd('.'),
    };

    /// <summary>Does something with a file; what goes wrong with the file becomes an error for the user.</summary>
    /// <param name="attempt">What was tried, as "write model.safetensors".</param>
    /// <param name="work">The work.</param>
    /// <exception cref="UserException">The file can't be used.</exception>
    public static T Guard<T>(string attempt, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (IsOne(error))
        {
            throw new UserException($"Can't {attempt}: {Reason(error)}.", error);
        }
    }

    /// <inheritdoc cref="Guard{T}"/>
    public static void Guard(string attempt, Action work) => Guard(attempt, () =>
    {
        work();
        return true;
    });
}
