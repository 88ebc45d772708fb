using ContextAware.Attention;
using static TorchSharp.torch;

namespace AttentionTour.Chapters;

/// <summary>A learned matrix between state and annotations, and why the softmax must be stable.</summary>
internal static class MultiplicativeChapter
{
    public static void Tell(Tour tour)
    {
        using var scope = NewDisposeScope();
        Tensor decoder = Notebook.Decoder(), encoder = Notebook.Encoder(), weight = Notebook.MultiplicativeWeight();
        tour.Chapter("Multiplicative: a matrix in between");
        tour.Say("""
            A dot product needs both sides to be equally wide, and to mean the same by each element. A learned matrix W
            between them lifts both demands: score = dᵀ W s (Luong et al. 2015, "general").
            """);
        tour.Show("Decoder state d", decoder);
        tour.Show("Encoder states s, one per column", encoder);
        tour.Show("W", weight);
        tour.Show("Scores", ColumnAttention.MultiplicativeScores(decoder, encoder, weight));

        var result = ColumnAttention.MultiplicativeAttention(decoder, encoder, weight);
        tour.Say("""
            exp(−343.61) is 5·10⁻¹⁵⁰, which is zero in single precision; were all scores that low, the softmax would be 0/0.
            With the largest score taken off first, the largest exponential is always 1.
            """);
        tour.Show("Weights", result.Weights!);
        tour.Draw("Weights", result.Weights!, (null, ["d"]), ("encoder state", Notebook.States));
        tour.Say("The last state takes all. The context is that state, but for a trace of the second one:");
        tour.Show("Context", result.Output);
    }
}
