namespace TinyStories.Commands;

/// <summary>What the program tells the shell.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    public const int Failure = 1;

    /// <summary>Stopped by Ctrl-C: 128 and the number of the signal, as shells do.</summary>
    public const int Stopped = 130;
}
