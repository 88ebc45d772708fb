using System.Runtime.InteropServices;
using ContextAware.Testing;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.utils;

namespace TorchSharp.SystemLibtorch.Tests.NN;

/// <summary>Batches of sequences of unequal length.</summary>
public class PackedSequenceTests
{
    [Theory]
    [InlineData("gru_sorted", new long[] { 5, 3, 2 })]
    [InlineData("gru_unsorted", new long[] { 2, 5, 3 })]
    [InlineData("lstm_unsorted", new long[] { 2, 5, 3 })]
    [InlineData("rnn_unsorted", new long[] { 3, 1, 4 })]
    public void A_recurrent_network_over_a_packed_batch_agrees_with_PyTorch(string name, long[] lengths)
    {
        using var scope = NewDisposeScope();
        var golden = new GoldenCase("nn_packed.safetensors", name);
        using nn.Module module = name[..3] switch
        {
            "gru" => nn.GRU(4, 3, 2, bidirectional: true, batchFirst: true),
            "lst" => nn.LSTM(4, 3, 2, bidirectional: true, batchFirst: true),
            _ => nn.RNN(4, 3, 2, bidirectional: true, batchFirst: true),
        };
        module.load_state_dict(golden.State);
        var packed = rnn.pack_padded_sequence(golden.Inputs[0], tensor(lengths), batch_first: true, enforce_sorted: name == "gru_sorted");
        TensorAssert.Equal(golden["data"], packed.data);
        TensorAssert.Equal(golden["batch_sizes"], packed.batch_sizes);

        var (output, states) = Run(module, packed);
        var (padded, back) = rnn.pad_packed_sequence(output, batch_first: true, padding_value: 0.5);
        golden.Check([padded, .. states], module.named_parameters());
        TensorAssert.Equal(golden["lengths"], back);
    }

    [Fact]
    public void The_given_states_go_with_their_sequences()
    {
        using var scope = NewDisposeScope();
        var gru = nn.GRU(4, 3, batchFirst: true);
        Tensor x = randn(3, 5, 4), h0 = randn(1, 3, 3);
        long[] lengths = [2, 5, 3];
        var (_, h) = gru.call(rnn.pack_padded_sequence(x, tensor(lengths), batch_first: true, enforce_sorted: false), h0);
        for (var b = 0; b < 3; b++)
        {
            var (_, alone) = gru.call(x[b].narrow(0, 0, lengths[b]).unsqueeze(0), h0.narrow(1, b, 1));
            TensorAssert.Close(alone, h.narrow(1, b, 1));
        }
    }

    [Fact]
    public void Packing_sequences_and_unpacking_gives_them_back()
    {
        using var scope = NewDisposeScope();
        Tensor[] sequences = [arange(2, float32), arange(5, float32) + 10, arange(3, float32) + 20];
        var packed = rnn.pack_sequence(sequences, enforce_sorted: false);
        TensorAssert.Equal(tensor(new long[] { 3, 3, 2, 1, 1 }), packed.batch_sizes);
        TensorAssert.Equal(tensor(new long[] { 1, 2, 0 }), packed.sorted_indices);
        TensorAssert.Equal(tensor(new long[] { 2, 0, 1 }), packed.unsorted_indices);
        var (padded, lengths) = rnn.pad_packed_sequence(packed, batch_first: true, padding_value: -1, total_length: 6);
        Assert.Equal([3, 6], padded.shape);
        TensorAssert.Equal(tensor(new long[] { 2, 5, 3 }), lengths);
        TensorAssert.Equal(rnn.pad_sequence(sequences, batch_first: true, padding_value: -1), padded.narrow(1, 0, 5));
    }

    [Fact]
    public void Lengths_must_descend_unless_told_otherwise()
    {
        using var scope = NewDisposeScope();
        Assert.True(rnn.pack_padded_sequence(ones(5, 2, 3), tensor(new long[] { 5, 3 })).sorted_indices.IsInvalid);
        var error = Assert.Throws<ExternalException>(() => rnn.pack_padded_sequence(ones(5, 2, 3), tensor(new long[] { 3, 5 })));
        Assert.Contains("sorted in decreasing order", error.Message, StringComparison.Ordinal);
        var packed = rnn.pack_padded_sequence(ones(5, 2, 3), tensor(new long[] { 5, 3 }));
        Assert.Throws<ExternalException>(() => rnn.pad_packed_sequence(packed, total_length: 4));
    }

    [Fact]
    public void A_scope_owns_a_packed_sequence()
    {
        using var outer = NewDisposeScope();
        rnn.PackedSequence kept, dropped;
        using (NewDisposeScope())
        {
            using var x = ones(5, 2, 3);
            using var lengths = tensor(new long[] { 5, 3 });
            dropped = rnn.pack_padded_sequence(x, lengths);
            kept = rnn.pack_padded_sequence(x, lengths).MoveToOuterDisposeScope();
        }
        Assert.True(dropped.data.IsInvalid);
        Assert.False(kept.data.IsInvalid);
        LeakCheck.Tensors(() =>
        {
            using var scope = NewDisposeScope();
            using var gru = nn.GRU(3, 2);
            gru.call(rnn.pack_padded_sequence(ones(5, 2, 3), tensor(new long[] { 2, 5 }), enforce_sorted: false));
        });
    }

    private static (rnn.PackedSequence output, Tensor[] states) Run(nn.Module module, rnn.PackedSequence input)
    {
        switch (module)
        {
            case LSTM lstm:
                var (y, h, c) = lstm.call(input);
                return (y, [h, c]);
            case GRU gru:
                var (output, state) = gru.call(input);
                return (output, [state]);
            default:
                var (last, hidden) = ((RNN)module).call(input);
                return (last, [hidden]);
        }
    }
}
