using System.Globalization;
using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionTour.Chapters;

/// <summary>The same numbers through the module: rows instead of columns, a batch, a mask, gradients.</summary>
internal static class BatchChapter
{
    public static void Tell(Tour tour)
    {
        using var scope = NewDisposeScope();
        tour.Chapter("The module: batches and masks");
        tour.Say("""
            A model has many sentences at once, and sentences differ in length. ScoredAttention takes queries [B,T,Dq], keys
            [B,S,Dk] and values [B,S,Dv], with any score function, and a mask that says who may look where.
            Here is the additive score once more, with the same weights, loaded by name.
            """);
        using var attention = new ScoredAttention(new AdditiveScore(queryWidth: 3, keyWidth: 5, hidden: 7));
        attention.to(ScalarType.Float64);
        attention.load_state_dict(new()
        {
            ["score.W_q.weight"] = Notebook.DecoderWeight(),
            ["score.W_k.weight"] = Notebook.EncoderWeight(),
            ["score.w_v.weight"] = Notebook.Vector().t(),
        });

        var states = Notebook.Encoder().t().unsqueeze(0).expand(2, 4, 5);                    // [B,S,Dk]: the same states twice
        var query = Notebook.Decoder().t().expand(2, 3);                                     // [B,Dq]: one step of a decoder
        var mask = AttentionMask.FromLengths(4, 2);
        tour.Say($"The second sentence has only two words, the rest is padding. True means: may attend.\n\n{mask.ToString(queryLength: 1, keyLength: 4)}");
        var result = attention.call(query, states, states, mask, needWeights: true);
        tour.Draw("Weights: padding gets none, the others share what it had",
            result.Weights!, ("sentence", ["four words", "two words"]), ("encoder state", Notebook.States));
        tour.Show("Contexts, one per row; the first is that of the last chapter", result.Output);

        result.Output.sum().backward();
        var gradients = attention.named_parameters().Select(p =>
            string.Create(CultureInfo.InvariantCulture, $"  {p.name}  [{string.Join(',', p.parameter.shape)}]  |gradient| = {p.parameter.grad!.norm().item<double>():0.000}"));
        tour.Say($"And it learns: gradients reach every parameter.\n\n{string.Join('\n', gradients)}");
    }
}
