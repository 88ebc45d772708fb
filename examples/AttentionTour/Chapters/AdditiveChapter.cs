using ContextAware.Attention;
using static TorchSharp.torch;

namespace AttentionTour.Chapters;

/// <summary>The additive score, with a look at what is inside.</summary>
internal static class AdditiveChapter
{
    public static void Tell(Tour tour)
    {
        using var scope = NewDisposeScope();
        Tensor decoder = Notebook.Decoder(), encoder = Notebook.Encoder(), vector = Notebook.Vector();
        Tensor encoderWeight = Notebook.EncoderWeight(), decoderWeight = Notebook.DecoderWeight();
        tour.Chapter("Additive: a small network as score");
        tour.Say("""
            The first attention of all (Bahdanau et al. 2015) brings both sides to a common width, adds them, bends the
            sum with a tanh and reads one number off it: score = vᵀ tanh(W_enc s + W_dec d).
            """);
        var inside = (encoderWeight.matmul(encoder) + decoderWeight.matmul(decoder)).tanh();
        string[] units = [.. Enumerable.Range(1, 7).Select(i => $"{i}")];
        tour.Draw("tanh(W_enc s + W_dec d): most units are at one end or the other", inside, ("unit", units), ("encoder state", Notebook.States));
        tour.Draw("v: what each unit counts for", vector, ("unit", units), (null, ["v"]));

        var result = ColumnAttention.AdditiveAttention(decoder, encoder, vector, encoderWeight, decoderWeight);
        tour.Say("""
            Since a tanh stays between −1 and 1, so do the scores between −|v|₁ and |v|₁: the same states as in the last
            chapter, but now every one of them has its share.
            """);
        tour.Draw("Weights", result.Weights!, (null, ["d"]), ("encoder state", Notebook.States));
        tour.Show("Weights", result.Weights!);
        tour.Show("Context", result.Output);
    }
}
