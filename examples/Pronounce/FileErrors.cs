using System.Text;

namespace Pronounce;

/// <summary>Says in a few words why a file could not be used.</summary>
public static class FileErrors
{
    /// <summary>The reason, without the path and without a full stop.</summary>
    public static string Reason(Exception error) => error switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        UnauthorizedAccessException => "it is a folder or access is denied",
        DecoderFallbackException => "it is not UTF-8 text",
        _ => error.Message.TrimEnd('.'),
    };
}
