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

    /// <summary>Checks that a share is from 0 up to but not including 1, for what is scaled up by what is left; returns it.</summary>
    public static double CheckBelowOne(double dropout)
    {
        if (dropout is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(dropout), dropout, $"Expected a share of at least 0 and below 1, got {dropout}.");
        return dropout;
    }
}
