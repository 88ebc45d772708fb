using ContextAware.Attention;
using ContextAware.Models.Seq2Seq;
using ContextAware.Models.VisionLanguage;
using ContextAware.Scoring;
using ContextAware.Vision;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Benchmarks.Cases;

/// <summary>Attention blocks of computer vision, and a decoder of captions, forward and backward.</summary>
internal static class VisionCases
{
    public static IEnumerable<Case> Cases { get; } =
    [
        new("squeeze-train", "squeeze-and-excitation, forward and backward, 32×64×56×56", () => Train(new SqueezeExcitation(64))),
        new("cbam-train", "CBAM, forward and backward, 32×64×56×56", () => Train(new ConvBlockAttention(64))),
        new("caption-train", "captioning decoder's training step, 32 captions of 18 words over 7×7 places, widths 512, attention 256, 1,000 words", Caption),
    ];

    private static Action Train(nn.Module<Tensor, Tensor> module)
    {
        manual_seed(1);
        var input = randn(32, 64, 56, 56).requires_grad_();
        return () =>
        {
            using var scope = NewDisposeScope();
            module.zero_grad();
            input.grad = null;
            module.call(input).sum().backward();
        };
    }

    // What CaptionModel does after its encoder, as "Show, attend and tell" has it.
    private static Action Caption()
    {
        manual_seed(1);
        const int Batch = 32, Places = 49, Width = 512, Attention = 256, Words = 1000, Length = 18;
        var bridge = new StateBridge(CellKind.Lstm, Width, Width);
        var decoder = new RecurrentDecoder(
            new() { Cell = CellKind.Lstm, Vocabulary = Words, EmbeddingWidth = Width, SourceWidth = Width, Width = Width, Gate = true },
            new AdditiveScore(Width, Width, Attention));
        var features = randn(Batch, Places, Width).requires_grad_();
        var (input, output) = (randint(3, Words, [Batch, Length], int64), randint(3, Words, [Batch, Length], int64));
        return () =>
        {
            using var scope = NewDisposeScope();
            bridge.zero_grad();
            decoder.zero_grad();
            features.grad = null;
            var mean = features.mean([1]).unsqueeze(0);
            var answer = decoder.call(input, decoder.Prepare(features, null), new(bridge.call(new(mean, mean))), true);
            CaptionLoss.Of(answer, output, 0.01).backward();
        };
    }
}
