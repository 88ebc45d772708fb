using ContextAware.Models.Decoding;
using ContextAware.Models.Generation;
using ContextAware.Models.LanguageModels;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.LanguageModels;

/// <summary>Untrained language models, of either kind, with unequal sizes.</summary>
internal static class TinyModels
{
    public const int Vocabulary = 23;

    public static DecoderOnlyModel Make(string kind, long seed = 3, long context = 40)
    {
        random.manual_seed(seed);
        var model = new DecoderOnlyModel(Options(kind, context));
        using var noGradient = no_grad();
        // Weights as small as at the start of training give nearly equal logits, and a test that sees little.
        foreach (var (name, parameter) in model.named_parameters())
        {
            if (!name.Contains("norm", StringComparison.Ordinal)) parameter.mul_(8);
            else parameter.add_(rand_like(parameter).mul_(0.2));
        }

        model.eval();
        return model;
    }

    public static IReadOnlyList<GeneratedText> Generate(DecoderOnlyModel model, IReadOnlyList<int[]> prompts, GenerationOptions? options = null) =>
        new TextGenerator(model).Generate(prompts, options, TestContext.Current.CancellationToken);

    public static IReadOnlyList<IReadOnlyList<Hypothesis>> Search(DecoderOnlyModel model, IReadOnlyList<int[]> prompts, BeamSearchOptions options, int[] stops) =>
        new TextGenerator(model).Search(prompts, options, stops, TestContext.Current.CancellationToken);

    public static DecoderOnlyOptions Options(string kind, long context = 40) => kind switch
    {
        "gpt2" => DecoderOnlyOptions.Gpt2(Vocabulary, 24, 3, 6, context),
        "llama" => DecoderOnlyOptions.Llama(Vocabulary, 24, 3, 6, 20, context) with { KeyValueHeads = 2 },
        "llama interleaved" => DecoderOnlyOptions.Llama(Vocabulary, 24, 2, 6, 20, context) with { KeyValueHeads = 3, TiedHead = true, Rotary = new() { Layout = Positions.PairLayout.Interleaved } },
        "llama, scaled" => DecoderOnlyOptions.Llama(Vocabulary, 24, 3, 6, 20, context) with { KeyValueHeads = 2, NormEpsilon = 0.1, Rotary = new() { Period = 500, Scaling = Positions.RotaryScaling.Yarn(4, 10) } },
        "llama with biases" => DecoderOnlyOptions.Llama(Vocabulary, 24, 2, 4, 20, context) with { Bias = true },
        _ => throw new ArgumentException($"There is no kind '{kind}'.", nameof(kind)),
    };

    public static Tensor Tokens(int rows, int length, int seed = 5)
    {
        var random = new Random(seed);
        return tensor([.. Enumerable.Range(0, rows * length).Select(_ => (long)random.Next(Vocabulary))], [rows, length]);
    }
}
