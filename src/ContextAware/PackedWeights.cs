using ContextAware.Attention;
using ContextAware.Products;
using ContextAware.Transformers;
using static TorchSharp.torch;

namespace ContextAware;

/// <summary>Copies of a model's weights in the order in which the processor reads them, for inference on the CPU.</summary>
/// <remarks>
/// <para>While they are there, the products of multi-head attention, of feed-forward networks and of transformer layers, with two positions or
/// more and without gradients, are computed by loops of ours that read these copies. The results are the same but for rounding.
/// Over OpenBLAS, products of two to some thirty positions (decoding of several texts, or of a beam) take half to nine tenths of their
/// time, a stack of encoder layers in parts of a batch (<see cref="Concurrency.BatchInference"/>) some seven hundredths less, by itself
/// some four. They are made for float32 on processors with AVX2; elsewhere there are none, and nothing changes.</para>
/// <para>The copies take as much memory as the weights. They don't follow them: dispose them before weights change, by training,
/// loading or moving. A product that finds weights changed throws an <see cref="InvalidOperationException"/>; it looks at
/// sixteen numbers of each, so that a change of a few may go unseen. Forward hooks of the <c>Linear</c> modules inside
/// don't run, those of all other modules do.</para>
/// <code>
/// model.eval();
/// using var packed = new PackedWeights(model);
/// using var inference = new BatchInference(threads: 2);
/// var output = inference.Run(input, part =&gt; model.call(part).Output);
/// </code>
/// </remarks>
/// <seealso cref="WeightOrder"/>
public sealed class PackedWeights : IDisposable
{
    private readonly List<Tensor> weights = [];

    /// <summary>Copies the weights of <see cref="MultiHeadAttention"/>, <see cref="FeedForward"/>, <see cref="GatedFeedForward"/>, <see cref="EncoderLayer"/> and <see cref="DecoderLayer"/>.</summary>
    /// <param name="module">Such a module, or one that has such inside, however deep. Weights that are copied already stay so.</param>
    public PackedWeights(nn.Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        weights.AddRange(module.modules().Prepend(module).OfType<IPackable>().SelectMany(packable => packable.ProductWeights).Where(PackedMatrix.Add));
    }

    /// <summary>How many weights there are copies of: none where they would not serve.</summary>
    public int Count => weights.Count;

    /// <summary>Forgets the copies.</summary>
    public void Dispose()
    {
        foreach (var weight in weights) PackedMatrix.Remove(weight);
        weights.Clear();
    }
}
