using ContextAware.Caching;
using ContextAware.Models.Decoding;
using ContextAware.Models.LanguageModels;
using static TorchSharp.torch;

namespace ContextAware.Models.Generation;

/// <summary>Texts of unequal lengths side by side, padded at their starts so that they end together.</summary>
internal sealed class BatchSession : PromptSession
{
    private readonly DecoderOnlyModel model;
    private readonly IReadOnlyList<int[]> prompts;
    private readonly IReadOnlyList<KeyValueCache> caches;
    private readonly LeftPadding? padding;
    private readonly Device device;

    internal BatchSession(DecoderOnlyModel model, IReadOnlyList<int[]> prompts, long capacity)
    {
        (this.model, this.prompts) = (model, prompts);
        device = model.Place.Device;
        caches = [.. Enumerable.Range(0, (int)model.Options.Layers).Select(_ => new GrowingCache(capacity))];
        var longest = prompts.Max(prompt => prompt.Length);
        if (prompts.Any(prompt => prompt.Length < longest))
            padding = new([.. prompts.Select(prompt => (long)(longest - prompt.Length))], capacity, device);
    }

    internal override Tensor Start()
    {
        var longest = prompts.Max(prompt => prompt.Length);
        var padded = new long[prompts.Count * longest];
        for (var row = 0; row < prompts.Count; row++)
        {
            var start = ((row + 1) * longest) - prompts[row].Length;
            for (var i = 0; i < prompts[row].Length; i++) padded[start + i] = prompts[row][i];
        }

        using var scope = NewDisposeScope();
        return Forward(tensor(padded, [prompts.Count, longest], device: device)).MoveToOuterDisposeScope();
    }

    public override DecodingStep Advance(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        return new(Forward(tokens.unsqueeze(1)).MoveToOuterDisposeScope(), null);
    }

    public override void Reorder(long[] rows)
    {
        using var index = tensor(rows, device: device);
        foreach (var cache in caches) cache.Reorder(index);
        padding?.Reorder(rows);
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        foreach (var cache in caches) cache.Dispose();
        padding?.Dispose();
    }

    // [B, T] → [B, V]
    private Tensor Forward(Tensor tokens) =>
        model.call(tokens, new DecoderOnlyCall { Caches = caches, Padding = padding, LastOnly = true }).Logits.squeeze(1);
}
