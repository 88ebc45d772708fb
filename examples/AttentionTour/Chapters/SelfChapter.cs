using ContextAware.Attention;
using ContextAware.Masking;
using static TorchSharp.torch;

namespace AttentionTour.Chapters;

/// <summary>Words that look at each other, with and without the right to see what comes.</summary>
internal static class SelfChapter
{
    private static readonly string[] Words = ["the", "cat", "sat", "on", "the", "mat"];

    public static void Tell(Tour tour)
    {
        using var scope = NewDisposeScope();
        tour.Chapter("Self-attention: words that look at each other");
        tour.Say("""
            Queries, keys and values may all be the same words. These are given by hand: article, animate, thing, verb,
            preposition. Without learned projections in between, a word looks at what resembles it.
            """);
        // article, animate, thing, verb, preposition
        var words = tensor(new float[,,]
        {
            {
                { 3, 0, 0, 0, 0 }, { 0, 2, 2, 0, 0 }, { 0, 1, 0, 3, 0 }, { 0, 0, 0, 1, 3 }, { 3, 0, 0, 0, 0 }, { 0, 0, 3, 0, 0 },
            },
        });
        using var attention = new SimplifiedScaledDotProductAttention(dim: 5, heads: 1);
        var free = attention.call(words, words, words, needWeights: true);
        tour.Draw("Everyone sees everyone", free.Weights![0, 0], ("word", Words), ("looks at", Words));

        var causal = attention.call(words, words, words, AttentionMask.Causal, needWeights: true);
        tour.Say($"A language model may not see the word it is to predict. The causal mask hides the future:\n\n{AttentionMask.Causal}");
        tour.Draw("Nobody sees the future", causal.Weights![0, 0], ("word", Words), ("looks at", Words));
    }
}
