namespace ContextAware.Attention;

/// <summary>Checks what share is to be dropped.</summary>
internal static class DropoutShare
{
    /// <summary>Checks that a share is from 0 to 1 and returns it.</summary>
    public static double Check(double dropout)
    {
        AttentionChecks.Dropout(dropout);
        return dropout;
    }
}
