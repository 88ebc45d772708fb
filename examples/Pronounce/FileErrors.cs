using System.Text;
using ContextAware.Interop;

namespace Pronounce;

/// <summary>Says in a few words why a file could not be used.</summary>
public static class FileErrors
{
    /// <summary>Whether an exception is about a file's place, rights or content.</summary>
    public static bool IsOne(Exception error) =>
        error is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException
            or SafetensorsException or StateDictException;

    /// <summary>The reason, in one line and without a full stop.</summary>
    public static string Reason(Exception error) => error switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        UnauthorizedAccessException => "it is a folder or access is denied",
        DecoderFallbackException => "it is not UTF-8 text",
        _ => error.Message.ReplaceLineEndings(" ").TrimEnd('.'),
    };
}
