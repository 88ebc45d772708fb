namespace ContextAware.Interop;

/// <summary>A weights file breaks its format. The message says what is wrong, in which file and at which byte.</summary>
public sealed class SafetensorsException : FormatException
{
    internal SafetensorsException(string fileName, long position, string problem, Exception? inner = null)
        : base($"{fileName}, byte {position}: {problem}", inner)
    {
        FileName = fileName;
        Position = position;
    }

    /// <summary>The path that was opened, or the name that was given to bytes in memory.</summary>
    public string FileName { get; }

    /// <summary>The offset from the start of the file, in bytes, where the problem was noticed.</summary>
    public long Position { get; }
}
