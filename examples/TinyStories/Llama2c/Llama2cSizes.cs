using ContextAware.Interop;

namespace TinyStories.Llama2c;

/// <summary>The header of a model in the llama2.c v0 layout.</summary>
/// <param name="Width">D.</param>
/// <param name="HiddenWidth">F.</param>
/// <param name="Layers">How many layers.</param>
/// <param name="Heads">H.</param>
/// <param name="KeyValueHeads">G.</param>
/// <param name="Vocabulary">V.</param>
/// <param name="Context">The longest text.</param>
/// <param name="TiedHead">Whether the output head is the embedding.</param>
public sealed record Llama2cSizes(
    long Width, long HiddenWidth, long Layers, long Heads, long KeyValueHeads, long Vocabulary, long Context, bool TiedHead)
{
    /// <summary>The width of a head.</summary>
    public long HeadWidth => Width / Heads;

    /// <summary>The width of all key-value heads together.</summary>
    public long KeyWidth => KeyValueHeads * HeadWidth;

    /// <summary>Throws unless each size is what stored weights have, so that no size asks for more memory than the file holds.</summary>
    /// <exception cref="InvalidDataException">A size is none, or another than the weights'.</exception>
    internal void CheckAgainst(IReadOnlyDictionary<string, WeightEntry> weights)
    {
        if (Heads <= 0 || KeyValueHeads <= 0 || Width % Heads != 0 || Heads % KeyValueHeads != 0 || HeadWidth % 2 != 0 || Context <= 0)
            throw new InvalidDataException("its settings are no sizes of a model.");
        Expect("model.embed_tokens.weight", Vocabulary, Width);
        for (var layer = 0L; layer < Layers; layer++)
        {
            Expect($"model.layers.{layer}.self_attn.q_proj.weight", Width, Width);
            Expect($"model.layers.{layer}.self_attn.k_proj.weight", KeyWidth, Width);
            Expect($"model.layers.{layer}.mlp.gate_proj.weight", HiddenWidth, Width);
        }

        if (Layers != weights.Keys.Count(name => name.EndsWith(".mlp.gate_proj.weight", StringComparison.Ordinal)))
            throw new InvalidDataException($"its settings say {Layers} layers, and its weights are of another number.");

        void Expect(string name, params long[] shape)
        {
            if (!weights.TryGetValue(name, out var entry) || !entry.Shape.SequenceEqual(shape))
                throw new InvalidDataException($"its settings do not fit its tensor '{name}'.");
        }
    }
}
