using ContextAware.Masking;
using static TorchSharp.torch;

namespace AttentionTour.Chapters;

/// <summary>Who may look where: the kinds of masks, and how they combine.</summary>
internal static class MaskChapter
{
    public static void Tell(Tour tour)
    {
        using var scope = NewDisposeScope();
        tour.Chapter("Masks: who may look where");
        tour.Say("""
            A mask is one type, whatever it says, and true always means: may attend. It costs nothing until an attention
            asks for it. A row is a query, a column a key; # may attend.
            """);
        tour.Say($"The past and the present, for a language model:\n\n{AttentionMask.Causal}");
        tour.Say($"The last three, so that the cost of a step does not grow:\n\n{AttentionMask.SlidingWindow(before: 2)}");
        tour.Say($"Blocks of a size, each for itself:\n\n{AttentionMask.Blocks(3)}");

        var documents = tensor(new long[,] { { 0, 0, 0, 1, 1, 2 } });
        var packed = AttentionMask.Documents(documents, documents) & AttentionMask.Causal;
        tour.Say($"""
            Masks combine with &. Here three texts are packed into one row, and each word sees the past of its own text:

            {packed}
            """);
        tour.Say($"""
            Two words come after four that a cache has kept. Masks about places are aligned to the end of the keys, so the
            new ones see the past:

            {AttentionMask.Causal.ToString(queryLength: 2, keyLength: 6)}
            """);
    }
}
