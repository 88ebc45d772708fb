using System.Runtime.InteropServices;

namespace Examples.Common;

/// <summary>Hears Ctrl-C and SIGTERM. The first stops the work; another ends the process as if nobody heard it.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource stop;
    private readonly PosixSignalRegistration interrupt;
    private readonly PosixSignalRegistration terminate;

    /// <summary>Begins to listen.</summary>
    /// <param name="cancellation">Stops as Ctrl-C does.</param>
    public StopSignals(CancellationToken cancellation)
    {
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, heard => Stop(heard, ExitCode.Stopped));
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, heard => Stop(heard, ExitCode.Terminated));
    }

    /// <summary>Stops the work.</summary>
    public CancellationToken Token => stop.Token;

    /// <summary>What the program tells the shell if it was stopped.</summary>
    public int Code { get; private set; } = ExitCode.Stopped;

    /// <summary>Listens no longer.</summary>
    public void Dispose()
    {
        interrupt.Dispose();
        terminate.Dispose();
        stop.Dispose();
    }

    private void Stop(PosixSignalContext heard, int code)
    {
        if (stop.IsCancellationRequested) return;
        heard.Cancel = true;
        Code = code;
        stop.Cancel();
    }
}
