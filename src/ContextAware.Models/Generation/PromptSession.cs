using ContextAware.Models.Decoding;
using ContextAware.Models.LanguageModels;
using static TorchSharp.torch;

namespace ContextAware.Models.Generation;

/// <summary>Texts that a decoder-only model goes on with, side by side: the step interface of the decoders, and a start.</summary>
internal abstract class PromptSession : DecodingSession
{
    /// <summary>Reads the prompts.</summary>
    /// <returns>The logits of the first new token [B, V], in the current dispose scope.</returns>
    internal abstract Tensor Start();

    /// <summary>The session that serves these prompts best.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">Checked prompts.</param>
    /// <param name="newTokens">How many tokens may come.</param>
    /// <param name="rows">How many rows there may be, as for beams; above 1 no plan is made for a single one.</param>
    internal static PromptSession Of(DecoderOnlyModel model, IReadOnlyList<int[]> prompts, int newTokens, int rows = 1)
    {
        var (shortest, longest) = (prompts.Min(prompt => prompt.Length), prompts.Max(prompt => prompt.Length));
        // The shortest has the most room in the context, and begins so many positions after the longest.
        var capacity = longest + Math.Min(newTokens, model.Options.Context - shortest);
        return prompts.Count == 1 && rows == 1 && PlanSession.Serves(model)
            ? new PlanSession(model, prompts[0], capacity)
            : new BatchSession(model, prompts, capacity);
    }
}
