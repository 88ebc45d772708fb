namespace ContextAware.Interop;

/// <summary>Weights do not fit the module that they were meant for. The module is unchanged.</summary>
public sealed class StateDictException : Exception
{
    internal StateDictException(StateDictReport report)
        : base($"The weights do not fit the module.{Environment.NewLine}{report}") => Report = report;

    /// <summary>Which entries are missing, unexpected or misshapen.</summary>
    public StateDictReport Report { get; }
}
