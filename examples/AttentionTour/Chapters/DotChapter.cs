using ContextAware.Attention;
using static TorchSharp.torch;

namespace AttentionTour.Chapters;

/// <summary>The dot product as score, in the four steps of every attention mechanism.</summary>
internal static class DotChapter
{
    public static void Tell(Tour tour)
    {
        using var scope = NewDisposeScope();
        Tensor state = Notebook.State(), annotations = Notebook.Annotations();
        tour.Chapter("Four steps: score, softmax, weigh, sum");
        tour.Say("""
            A decoder is in some state and has four annotations of the input to look at, one per column.
            How much of each does it take? Attention answers in four steps.
            """);
        tour.Show("The decoder's state", state);
        tour.Show("The annotations", annotations);

        var scores = ColumnAttention.DotScores(state, annotations);
        tour.Say("First, a score for each annotation: here simply its dot product with the state (Luong et al. 2015).");
        tour.Show("Scores", scores);

        var weights = ColumnAttention.Softmax(scores);
        tour.Say("""
            Second, the softmax turns scores into weights that sum to one. It is exponential: two scores that differ by 2
            give weights 1 : e², so the last annotation wins, and the second is left with next to nothing. (exp(929) is more
            than a double can hold: the largest score is taken off all of them first, which changes no weight.)
            """);
        tour.Show("Weights", weights);
        tour.Draw("Weights: the darker, the more of it is taken", weights, (null, ["state"]), ("annotation", Notebook.States));

        var applied = ColumnAttention.ApplyWeights(weights, annotations);
        tour.Say("Third, each annotation is multiplied by its weight, and fourth, the sum of that is the context.");
        tour.Draw("Annotations times their weights", applied, ("element", ["1", "2", "3"]), ("annotation", Notebook.States));
        tour.Show("Context", ColumnAttention.WeightedSum(weights, annotations));
    }
}
