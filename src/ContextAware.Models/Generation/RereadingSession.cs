using ContextAware.Models.Decoding;
using ContextAware.Models.LanguageModels;
using static TorchSharp.torch;

namespace ContextAware.Models.Generation;

/// <summary>Texts that are read from their starts at every step: no cache, each text by itself.</summary>
internal sealed class RereadingSession(DecoderOnlyModel model, IReadOnlyList<int[]> prompts) : PromptSession
{
    private List<long>[] texts = [.. prompts.Select(prompt => prompt.Select(token => (long)token).ToList())];

    internal override Tensor Start() => Read();

    public override DecodingStep Advance(Tensor tokens)
    {
        var values = tokens.cpu().data<long>().ToArray();
        for (var row = 0; row < texts.Length; row++) texts[row].Add(values[row]);
        return new(Read(), null);
    }

    public override void Reorder(long[] rows) => texts = Array.ConvertAll(rows, row => texts[row].ToList());

    protected override void Dispose(bool disposing) => texts = [];

    private Tensor Read()
    {
        using var scope = NewDisposeScope();
        var logits = texts.Select(text => model.call(tensor(text.ToArray(), [1, text.Count], device: model.Place.Device),
            new DecoderOnlyCall { LastOnly = true }).Logits.squeeze(1));                  // [1, V] each
        return cat([.. logits], 0).MoveToOuterDisposeScope();
    }
}
