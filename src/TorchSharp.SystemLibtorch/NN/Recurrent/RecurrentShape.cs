using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What RNN, LSTM and GRU have in common: sizes, names of weights, checks, zero states, packed batches.</summary>
internal sealed record RecurrentShape(long Gates, long Input, long Hidden, long Layers, bool Bias, bool BatchFirst, double Dropout, bool Bidirectional)
{
    private static readonly Op _flatten = "_cudnn_rnn_flatten_weight";

    private int Directions => Bidirectional ? 2 : 1;

    /// <summary>The weights in the order in which the operators take them, and in which they draw their initial values.</summary>
    public IEnumerable<(string name, Parameter weight)> Create(Device device, ScalarType? dtype)
    {
        if (Layers > ushort.MaxValue) throw new ArgumentOutOfRangeException("num_layers", Layers, "Expected a number of layers that memory can hold.");
        if (Layers <= 0) throw new ExternalException($"num_layers must be greater than zero, got {Layers}");
        if (Dropout is not (>= 0 and <= 1)) throw new ExternalException($"dropout should be a number in range [0, 1], got {Dropout}");
        var bound = Hidden > 0 ? 1 / Math.Sqrt(Hidden) : 0;
        for (long layer = 0; layer < Layers; layer++)
            for (int direction = 0; direction < Directions; direction++)
            {
                var suffix = $"l{layer}{(direction == 1 ? "_reverse" : "")}";
                var width = layer == 0 ? Input : Hidden * Directions;
                yield return ($"weight_ih_{suffix}", Uniform(Gates * Hidden, width));
                yield return ($"weight_hh_{suffix}", Uniform(Gates * Hidden, Hidden));
                if (!Bias) continue;
                yield return ($"bias_ih_{suffix}", Uniform(Gates * Hidden));
                yield return ($"bias_hh_{suffix}", Uniform(Gates * Hidden));
            }

        Parameter Uniform(params long[] size)
        {
            var weight = nn.Module.EmptyParameter(device, dtype, size);
            nn.init.uniform_(weight, -bound, bound);
            return weight;      // as TorchSharp leaves it, the current dispose scope owns it
        }
    }

    /// <summary>The batch size of an input [T, B, in], or [B, T, in] where the batch comes first.</summary>
    public long BatchOf(Tensor input)
    {
        if (input.dim() != 3) throw new ExternalException($"input must have 3 dimensions, got {input.dim()}");
        CheckWidth(input);
        return input.size(BatchFirst ? 0 : 1);
    }

    /// <summary>The batch size of a packed input, whose data are [steps, in].</summary>
    public long BatchOf(nn.utils.rnn.PackedSequence input)
    {
        if (input.data.dim() != 2) throw new ExternalException($"input must have 2 dimensions, got {input.data.dim()}");
        CheckWidth(input.data);
        using var first = input.batch_sizes.select(0, 0);
        return first.item<long>();
    }

    /// <summary>Moves weights on CUDA into one piece of memory, in the order and at the places that cuDNN reads them from.</summary>
    /// <param name="weights">All weights, in the order of <see cref="Create"/>.</param>
    /// <param name="mode">cuDNN's number: 0 and 1 for plain cells with ReLU and tanh, 2 for LSTM, 3 for GRU.</param>
    public void Flatten(Parameter[] weights, long mode)
    {
        if (weights[0].device_type != DeviceType.CUDA || !cuda.is_cudnn_available()) return;
        using (no_grad())
            _flatten.Call(Value.Tensors(weights), Bias ? 4L : 2L, Input, mode, Hidden, 0L, Layers, BatchFirst, Bidirectional).Dispose();
    }

    private void CheckWidth(Tensor input)
    {
        if (input.size(-1) != Input)
            throw new ExternalException($"input.size(-1) must be equal to input_size. Expected {Input}, got {input.size(-1)}");
    }

    public Tensor Zeros(Tensor input, long batch) => zeros(Layers * Directions, batch, Hidden, dtype: input.dtype, device: input.device);

    /// <summary>States are [layers·directions, B, hidden].</summary>
    public Tensor Checked(Tensor state, long batch, string name)
    {
        long[] expected = [Layers * Directions, batch, Hidden], actual = state.shape;
        if (!actual.AsSpan().SequenceEqual(expected))
            throw new ExternalException($"Expected {name} size [{string.Join(", ", expected)}], got [{string.Join(", ", actual)}]");
        return state;
    }

    /// <summary>The columns of a state in another order, as sorting by length asks for; the state itself where none is given.</summary>
    public static Tensor Permuted(Tensor state, Tensor order) => order.IsInvalid ? state : state.index_select(1, order);

    /// <summary>The result of a packed run: new data, batches as they were.</summary>
    public static nn.utils.rnn.PackedSequence Repacked(Tensor data, nn.utils.rnn.PackedSequence like)
        => new(data, like.batch_sizes.alias(), Alias(like.sorted_indices), Alias(like.unsorted_indices));

    private static Tensor Alias(Tensor indices) => indices.IsInvalid ? new Tensor(0, register: false) : indices.alias();
}
