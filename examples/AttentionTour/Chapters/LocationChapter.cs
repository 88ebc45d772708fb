using ContextAware.Attention;
using ContextAware.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionTour.Chapters;

/// <summary>Attention that knows where it was, and can be told to move on.</summary>
internal static class LocationChapter
{
    private const int Steps = 8;

    public static void Tell(Tour tour)
    {
        using var scope = NewDisposeScope();
        tour.Chapter("Location: looking on from where one looked");
        tour.Say("""
            A speech recogniser reads its input from left to right. Location-sensitive attention (Chorowski et al. 2015)
            convolves the weights of the last step and adds what it finds to the additive score. With one filter that
            looks one to the left, and nothing else to go by, attention walks along.
            """);
        using var attention = new ScoredAttention(new LocationScore(queryWidth: 1, keyWidth: 1, hidden: 1, filters: 1, filterWidth: 3));
        attention.load_state_dict(new()
        {
            ["score.W_q.weight"] = zeros(1, 1),
            ["score.W_k.weight"] = ones(1, 1),
            ["score.w_v.weight"] = tensor(new float[,] { { 5 } }),
            ["score.b"] = zeros(1),
            ["score.F.weight"] = tensor(new float[,,] { { { 1, 0, 0 } } }),
            ["score.U.weight"] = tensor(new float[,] { { 3 } }),
        });
        using var start = attention.Prepare(Key(first: 5), zeros(1, Steps, 1));
        using var source = attention.Prepare(Key(first: 0), zeros(1, Steps, 1));
        var weights = attention.Attend(zeros(1, 1), start, needWeights: true).Weights!;
        List<Tensor> rows = [weights];
        for (var step = 1; step < Steps; step++)
        {
            weights = attention.Attend(zeros(1, 1), source, needWeights: true, weights).Weights!;
            rows.Add(weights);
        }

        string[] labels = [.. Enumerable.Range(1, Steps).Select(i => $"{i}")];
        tour.Draw("Attention that walks", cat(rows, 0), ("step", labels), ("place in the input", labels));
    }

    private static Tensor Key(float first)
    {
        var key = zeros(1, Steps, 1);
        key[0, 0, 0] = first;
        return key;
    }
}
