namespace ContextAware.Benchmarks;

/// <summary>One side's rounds of a case.</summary>
internal sealed class Rounds(WorkerProcess worker, string name)
{
    private readonly List<double> seconds = [];
    private long peak;

    public double Seconds => Statistics.Median(seconds);

    public long Peak => peak;

    /// <summary>Runs a round. False if this side has no such case.</summary>
    public bool Run(int count)
    {
        var reply = worker.Ask(name, count);
        if (reply.Error is not null) return false;
        seconds.Add(Statistics.Median(reply.Seconds));
        peak = Math.Max(peak, reply.Peak);
        return true;
    }

    /// <summary>This side as a peer of ours, round by round; null if it ran none.</summary>
    public Comparison? Beside(Rounds ours) => seconds.Count == 0
        ? null
        : new(Seconds, peak, Statistics.Median([.. ours.seconds.Zip(seconds, (mine, theirs) => mine / theirs)]));
}
