using ContextAware.Concurrency;
using ContextAware.Transformers;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Benchmarks.Cases;

/// <summary>A stack of encoder layers as in the base model of Vaswani et al. 2017, beside <c>nn.TransformerEncoder</c>.</summary>
internal static class TransformerCases
{
    private const string Sizes = "6 encoder layers, 512 wide, 8 heads, 2048 inside, batch 8, length 128";

    public static IEnumerable<Case> Cases { get; } =
    [
        new("encoder-8x128", $"{Sizes}: inference", Inference),
        new("encoder-8x128-packed", $"{Sizes}: inference, packed weights (PackedWeights)", Packed),
        new("encoder-8x128-parts", $"{Sizes}: inference, packed weights (PackedWeights), a part of the batch on each thread (BatchInference)", Parts),
        new("encoder-8x128-train", $"{Sizes}, dropout 0.1: forward and backward", Training),
    ];

    private static Action Inference()
    {
        var (encoder, input) = Make();
        encoder.eval();
        return Whole(encoder, input);
    }

    private static Action Packed()
    {
        var (encoder, input) = Make();
        encoder.eval();
        _ = new PackedWeights(encoder);         // the copies live as long as the weights
        return Whole(encoder, input);
    }

    private static Action Parts()
    {
        var (encoder, input) = Make();
        encoder.eval();
        _ = new PackedWeights(encoder);
        var inference = new BatchInference(get_num_threads());
        return () =>
        {
            using var scope = NewDisposeScope();
            inference.Run(input, part => encoder.call(part).Output);
        };
    }

    private static Action Whole(EncoderLayers encoder, Tensor input) => () =>
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        encoder.call(input);
    };

    private static Action Training()
    {
        var (encoder, input) = Make();
        encoder.train();
        return () =>
        {
            using var scope = NewDisposeScope();
            encoder.zero_grad();
            encoder.call(input).Output.sum().backward();
        };
    }

    private static (EncoderLayers Encoder, Tensor Input) Make()
    {
        random.manual_seed(1);
        return (new EncoderLayers(layers: 6, width: 512, heads: 8, new() { FeedForwardWidth = 2048 }), randn(8, 128, 512));
    }
}
