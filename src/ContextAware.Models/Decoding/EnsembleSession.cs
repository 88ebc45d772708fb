using static TorchSharp.torch;

namespace ContextAware.Models.Decoding;

/// <summary>The sessions of a <see cref="ModelEnsemble"/>'s models, side by side.</summary>
/// <param name="sessions">One for each model; taken over.</param>
/// <param name="shares">How much each one's word counts; 1 together.</param>
internal sealed class EnsembleSession(DecodingSession[] sessions, double[] shares) : DecodingSession
{
    public override DecodingStep Advance(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        var answers = Array.ConvertAll(sessions, session => session.Advance(tokens));
        RefuseUnlike(answers);
        var logits = Together(answers);
        var weights = Look(answers);
        return new(logits.MoveToOuterDisposeScope(), weights?.MoveToOuterDisposeScope());
    }

    public override void Reorder(long[] rows)
    {
        foreach (var session in sessions) session.Reorder(rows);
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        foreach (var session in sessions) session.Dispose();
    }

    // log Σ shareₘ · pₘ
    private Tensor Together(DecodingStep[] answers) =>
        stack(answers.Zip(shares, (answer, share) => answer.Logits.to(float32).log_softmax(-1).add(Math.Log(share))))      // [M,N,V]
            .logsumexp(0);                                                                                                // [N,V]

    // The mean of what the models looked at, of those that look.
    private Tensor? Look(DecodingStep[] answers)
    {
        var looking = answers.Zip(shares).Where(pair => pair.First.Weights is not null).ToArray();
        if (looking.Length == 0) return null;
        var whole = looking.Sum(pair => pair.Second);
        return looking
            .Select(pair => pair.First.Weights!.to(float32).mul(pair.Second / whole))                                     // [N,S]
            .Aggregate((sum, next) => sum.add(next));
    }

    private static void RefuseUnlike(DecodingStep[] answers)
    {
        var symbols = Array.ConvertAll(answers, answer => answer.Logits.size(1));
        var other = Array.FindIndex(symbols, count => count != symbols[0]);
        if (other >= 0)
            throw new InvalidOperationException($"Expected models that write the same symbols: model {other} knows {symbols[other]}, model 0 {symbols[0]}.");
    }
}
