using ContextAware.Models.Generation;
using ContextAware.Models.LanguageModels;
using static TorchSharp.torch;

namespace ContextAware.Benchmarks.Cases;

/// <summary>Greedy decoding with a cache, batch 1, from a prompt of four tokens: 128 tokens a run.</summary>
internal static class GenerationCases
{
    private const int Tokens = 128;

    private static readonly int[] Prompt = [1, 5, 7, 11];

    public static IEnumerable<Case> Cases { get; } =
    [
        new("decode-gpt2-4x256", "128 tokens, greedy, batch 1, of a GPT-2 with 4 layers, width 256, 8 heads, 1,000 tokens", () => Greedy(DecoderOnlyOptions.Gpt2(1000, 256, 4, 8, 256))),
        new("decode-stories260K", "128 tokens, greedy, batch 1, of a model with the sizes of stories260K", () => Greedy(Stories)),
    ];

    private static DecoderOnlyOptions Stories => DecoderOnlyOptions.Llama(512, 64, 5, 8, 172, 512) with
    {
        KeyValueHeads = 4,
        TiedHead = true,
        Rotary = new() { Layout = Positions.PairLayout.Interleaved },
    };

    private static Action Greedy(DecoderOnlyOptions options)
    {
        random.manual_seed(1);
        var model = new DecoderOnlyModel(options);
        model.eval();
        var generator = new TextGenerator(model);
        return () => generator.Generate([Prompt], new() { MaximumLength = Tokens });
    }
}
