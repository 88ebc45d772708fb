namespace ContextAware.Attention;

/// <summary>What all mechanisms do with their results.</summary>
internal static class AttentionResultExtensions
{
    /// <summary>Leaves output and weights to the enclosing dispose scope.</summary>
    public static AttentionResult MoveToOuterDisposeScope(this AttentionResult result)
    {
        result.Output.MoveToOuterDisposeScope();
        result.Weights?.MoveToOuterDisposeScope();
        return result;
    }
}
