using ContextAware.Models.Decoding;
using ContextAware.Models.LanguageModels;
using ContextAware.Models.LanguageModels.Steps;
using static TorchSharp.torch;

namespace ContextAware.Models.Generation;

/// <summary>One text, by a <see cref="StepPlan"/>.</summary>
internal sealed class PlanSession(DecoderOnlyModel model, int[] prompt, long capacity) : PromptSession
{
    private readonly StepPlan plan = new(model, capacity);

    internal static bool Serves(DecoderOnlyModel model) => StepPlan.Serves(model);

    internal override Tensor Start()
    {
        if (prompt.Length == 1) return Advance(prompt[0]);
        using var scope = NewDisposeScope();
        var tokens = tensor(Array.ConvertAll(prompt, token => (long)token), [1, prompt.Length], device: model.Place.Device);
        return model.call(tokens, new DecoderOnlyCall { Caches = plan.Caches, LastOnly = true }).Logits.squeeze(1).MoveToOuterDisposeScope();
    }

    public override DecodingStep Advance(Tensor tokens) => new(Advance(tokens.item<long>()), null);

    /// <summary>A token that is known here needs no tensor.</summary>
    internal Tensor Advance(long token)
    {
        using var scope = NewDisposeScope();
        return plan.Advance(token).unsqueeze(0).MoveToOuterDisposeScope();
    }

    public override void Reorder(long[] rows)
    {
        if (rows is not [0]) throw new InvalidOperationException($"There is one text; the rows [{string.Join(", ", rows)}] came.");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) plan.Dispose();
    }
}
