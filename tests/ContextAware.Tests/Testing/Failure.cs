namespace ContextAware.Tests.Testing;

internal static class Failure
{
    /// <summary>The message with which a check fails; fails itself if the check passes.</summary>
    public static string Of(Action check)
    {
        var failure = Record.Exception(check);
        Assert.NotNull(failure);
        return failure.Message;
    }
}
