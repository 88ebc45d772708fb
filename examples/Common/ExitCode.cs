namespace Examples.Common;

/// <summary>What the program tells the shell.</summary>
public static class ExitCode
{
    /// <summary>All went well.</summary>
    public const int Success = 0;

    /// <summary>Something went wrong.</summary>
    public const int Failure = 1;

    /// <summary>Stopped by Ctrl-C: 128 and the number of the signal, as shells do.</summary>
    public const int Stopped = 130;

    /// <summary>Stopped by the system or another program (SIGTERM).</summary>
    public const int Terminated = 143;
}
