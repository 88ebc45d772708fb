using ContextAware.Caching;
using ContextAware.Positions;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.LanguageModels.Steps;

/// <summary>
/// A model laid out for what decoding one text does most: one row, one new token, no gradient. It computes what the model's forward
/// pass computes, in a dozen native calls a layer, or a few more with rotary positions and RMS norms.
/// </summary>
/// <remarks>
/// Projections are matrix times vector, results go to memory that stays, sizes are known and masks not needed. Weights that change
/// on the way (scales and norms folded in, parts joined) are copied, the others shared: a plan does not see later changes of
/// the model.
/// </remarks>
internal sealed class StepPlan : IDisposable
{
    private readonly StepTensors tensors = new();
    private readonly (StepNorm Norm1, StepAttention Attention, StepNorm Norm2, StepFeedForward FeedForward)[] layers;
    private readonly StepMemory[] memories;
    private readonly StepNorm norm;
    private readonly StepTurn? turn;
    private readonly Tensor embedding;      // [V, D]
    private readonly Tensor? positions;     // [C, D]
    private readonly Tensor head;           // [V, D]
    private readonly Tensor place;          // [1]

    /// <param name="model">A model that <see cref="Serves"/> holds for.</param>
    /// <param name="capacity">The most positions.</param>
    internal StepPlan(DecoderOnlyModel model, long capacity)
    {
        using var scope = NewDisposeScope();
        using var ordinary = inference_mode(false);
        using var noGradient = no_grad();
        var (options, sizes) = (model.Options, new HeadCounts(model.Options));
        // Detached: an operation in place on a leaf that wants a gradient is an error, and shared memory stays shared.
        var weights = model.state_dict().ToDictionary(pair => pair.Key, pair => tensors.Keep(pair.Value.detach()));
        embedding = weights["embed_tokens.weight"];
        positions = weights.GetValueOrDefault("embed_positions.weight");
        head = weights.GetValueOrDefault("lm_head.weight") ?? embedding;
        var (type, device) = (embedding.dtype, embedding.device);
        turn = model.Rotary is { } rotary ? new(rotary, sizes, capacity, type, device, tensors) : null;
        memories = [.. Enumerable.Range(0, (int)options.Layers).Select(_ => new StepMemory(sizes.Groups, capacity, sizes.HeadWidth, type, device))];
        layers = [.. memories.Select((memory, i) =>
        {
            var (norm1, norm2) = (Norm($"layers.{i}.input_layernorm"), Norm($"layers.{i}.post_attention_layernorm"));
            return (
                norm1, new StepAttention(weights, $"layers.{i}.self_attn", norm1, options, memory, turn, tensors),
                norm2, new StepFeedForward(weights, $"layers.{i}.mlp", norm2, options, tensors));
        })];
        norm = Norm("norm");
        place = tensors.Keep(zeros([1], int64, device));

        StepNorm Norm(string name) => new(weights, name, options, tensors);
    }

    /// <summary>The memories as caches for the model's forward pass, which reads the prompt.</summary>
    internal IReadOnlyList<KeyValueCache> Caches => memories;

    /// <summary>Whether a plan can be made of a model: half precision is left to the forward pass.</summary>
    internal static bool Serves(DecoderOnlyModel model) => model.Place.Type is ScalarType.Float32 or ScalarType.Float64;

    /// <summary>Takes one more token.</summary>
    /// <returns>The logits of the next [V], in the current dispose scope.</returns>
    internal Tensor Advance(long token)
    {
        using var scope = NewDisposeScope();
        var position = memories[0].Length;
        place.fill_(position);
        turn?.MoveTo(position);
        var vector = embedding.select(0, token);
        var x = positions is null ? vector.clone() : vector.add(positions.select(0, position));    // [D]
        foreach (var (norm1, attention, norm2, feedForward) in layers)
        {
            attention.AddTo(x, norm1.Apply(x), place, position + 1);
            feedForward.AddTo(x, norm2.Apply(x));
        }

        var last = norm.Apply(x);
        return head.mv(norm.Factor is null ? last : last.mul_(norm.Factor)).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var memory in memories) memory.Dispose();
        tensors.Dispose();
    }
}
