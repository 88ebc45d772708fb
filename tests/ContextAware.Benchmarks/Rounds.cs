namespace ContextAware.Benchmarks;

/// <summary>One side's rounds of a case.</summary>
internal sealed class Rounds(WorkerProcess worker, string name)
{
    // Code that is compiled again while it runs, caches and threads that wake: all have settled after this.
    private const double WarmUpSeconds = 2;

    private readonly List<double> seconds = [];
    private long peak;

    public double Seconds => Statistics.Median(seconds);

    public long Peak => peak;

    /// <summary>Runs as a user's program would have run before: nothing of this is counted.</summary>
    public void WarmUp(int count)
    {
        for (var spent = 0.0; spent < WarmUpSeconds;)
        {
            var reply = worker.Ask(name, count);
            if (reply.Error is not null) return;
            spent += reply.Seconds.Sum();
        }
    }

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
