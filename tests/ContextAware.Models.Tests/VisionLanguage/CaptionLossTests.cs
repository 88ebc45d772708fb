using ContextAware.Models.Data;
using ContextAware.Models.Seq2Seq;
using ContextAware.Models.Training;
using ContextAware.Models.VisionLanguage;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.VisionLanguage;

public class CaptionLossTests
{
    private static readonly double[,,] Looked = { { { 0.75, 0.25 }, { 0.5, 0.5 } }, { { 1, 0 }, { 0.5, 0.5 } } };

    [Fact]
    public void The_penalty_by_hand()
    {
        using var scope = NewDisposeScope();
        var target = tensor(new long[,] { { 4, 5 }, { 4, Vocabulary.Padding } });
        // Sums 1.25 and 0.75; 1 and 0, since padding doesn't count: ((1/4)² + (1/4)² + 0 + 1) / 2.
        Assert.Equal(0.5625, CaptionLoss.DoublyStochastic(tensor(Looked), target).item<double>(), 1e-12);
    }

    [Fact]
    public void The_whole_loss_is_cross_entropy_and_penalty()
    {
        using var scope = NewDisposeScope();
        var target = tensor(new long[,] { { 4, 2 }, { 2, 0 } });
        var answer = new DecoderOutput(randn(2, 2, 6, ScalarType.Float64), tensor(Looked));
        var words = SequenceLoss.CrossEntropy(answer.Logits, target).item<double>();
        Assert.Equal(words, CaptionLoss.Of(answer, target, 0).item<double>(), 1e-12);
        Assert.Equal(words + (0.25 * 0.5625), CaptionLoss.Of(answer, target, 0.25).item<double>(), 1e-12);
        GradientCheck.Function(x => CaptionLoss.Of(new(x[0], x[1]), target, 0.25), answer.Logits, answer.Weights!);
        LeakCheck.Tensors(() => CaptionLoss.Of(answer, target, 0.25).Dispose());
    }

    [Fact]
    public void Bad_input_is_named()
    {
        using var scope = NewDisposeScope();
        var target = tensor(new long[,] { { 4, 2 } });
        var sizes = Assert.Throws<ArgumentException>("weights", () => CaptionLoss.DoublyStochastic(zeros(1, 3, 5), target));
        Assert.Contains("got [1,3,5] for [1,2]", sizes.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("answer", () => CaptionLoss.Of(new(zeros(1, 2, 6), null), target, 1));
    }
}
