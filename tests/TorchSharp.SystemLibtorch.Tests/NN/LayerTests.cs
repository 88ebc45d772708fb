using System.Runtime.InteropServices;
using ContextAware.Testing;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.SystemLibtorch.Tests.NN;

/// <summary>What single layers do beside their arithmetic: modes, options, refusals.</summary>
public class LayerTests
{
    [Fact]
    public void Dropout_drops_and_scales_in_training_only()
    {
        using var scope = NewDisposeScope();
        using var dropout = Dropout(0.25);
        var y = dropout.call(ones(10_000));
        Assert.Equal(0.75, y.ne(0).to(float32).mean().item<float>(), 0.03);
        TensorAssert.Close(ones(1) * 4 / 3, y.max().reshape(1));
        dropout.eval();
        TensorAssert.Equal(ones(5), dropout.call(ones(5)));
        var error = Assert.Throws<ExternalException>(() => F.dropout(ones(3), 1.5));
        Assert.Contains("between 0 and 1, but got 1.5", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void In_place_modules_change_their_input_and_may_be_disposed_apart()
    {
        using var x = tensor(new[] { -1f, 2f });
        using (var y = ReLU(inplace: true).call(x)) Assert.NotSame(x, y);
        TensorAssert.Equal(tensor(new[] { 0f, 2f }), x);
        using (Dropout(1, inplace: true).call(x)) TensorAssert.AllZero(x);
    }

    [Fact]
    public void Channel_dropout_drops_whole_channels()
    {
        using var scope = NewDisposeScope();
        using var dropout = Dropout1d(0.5);
        var sums = dropout.call(ones(8, 16, 3)).sum(-1L);
        TensorAssert.Equal(sums.ne(0), sums.eq(6));
        Assert.Throws<ArgumentException>(() => dropout.call(ones(16, 3)));
    }

    [Fact]
    public void Embedding_renormalises_the_rows_it_is_asked_for()
    {
        using var scope = NewDisposeScope();
        using var embedding = Embedding(3, 2, max_norm: 1);
        init.constant_(embedding.weight!, 3);
        var y = embedding.call(tensor(new[] { 0L, 2 }));
        TensorAssert.Close(ones(2), y.norm(1), atol: 1e-4);
        TensorAssert.Close(ones(2) * 3, embedding.weight![1]);
    }

    [Fact]
    public void The_padding_entry_of_an_embedding_starts_at_zero_and_learns_nothing()
    {
        using var scope = NewDisposeScope();
        using var embedding = Embedding(4, 3, padding_idx: -1);
        TensorAssert.AllZero(embedding.weight![3]);
        embedding.call(tensor(new[] { 3L, 1 })).sum().backward();
        TensorAssert.AllZero(embedding.weight!.grad![3]);
        TensorAssert.Close(ones(3), embedding.weight!.grad![1]);
        Assert.Throws<ExternalException>(() => Embedding(4, 3, padding_idx: 7));
    }

    [Fact]
    public void An_embedding_over_a_given_table_is_frozen_by_default()
    {
        using var scope = NewDisposeScope();
        var table = arange(6, float32).reshape(3, 2);
        using var embedding = Embedding_from_pretrained(table);
        Assert.False(embedding.weight!.requires_grad);
        TensorAssert.Equal(table[1], embedding.call(tensor(1L)));
        using var trained = Embedding_from_pretrained(table, freeze: false);
        Assert.True(trained.weight!.requires_grad);
    }

    [Fact]
    public void Batch_norm_averages_over_all_batches_without_a_momentum()
    {
        using var scope = NewDisposeScope();
        using var norm = BatchNorm1d(2);
        norm.momentum = null;
        norm.call(tensor(new[] { 1f, 2, 3, 4 }).reshape(2, 2));
        norm.call(tensor(new[] { 5f, 6, 7, 8 }).reshape(2, 2));
        TensorAssert.Close(tensor(new[] { 4f, 5f }), norm.running_mean!);
        Assert.Equal(2, norm.num_batches_tracked!.item<long>());
    }

    [Fact]
    public void Batch_norm_evaluates_by_its_running_statistics_or_by_the_batch_without_them()
    {
        using var scope = NewDisposeScope();
        using BatchNorm1d tracked = BatchNorm1d(2), untracked = BatchNorm1d(2, track_running_stats: false, affine: false);
        Assert.Empty(untracked.state_dict());
        tracked.eval();
        untracked.eval();
        var x = tensor(new[] { 1f, 2, 3, 4 }).reshape(2, 2);
        TensorAssert.Close(x, tracked.call(x), rtol: 1e-4);
        TensorAssert.Close(tensor(new[] { -1f, -1, 1, 1 }).reshape(2, 2), untracked.call(x), rtol: 1e-4);
    }

    [Fact]
    public void Norms_refuse_inputs_of_the_wrong_dimensions()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => BatchNorm1d(2).call(ones(2, 2, 2, 2)));
        Assert.Throws<ArgumentException>(() => BatchNorm2d(2).call(ones(2, 2)));
        Assert.Throws<ArgumentException>(() => GroupNorm(1, 2).call(ones(2, 2)));
        Assert.Throws<ExternalException>(() => LayerNorm(3).call(ones(2, 2)));
    }

    [Fact]
    public void Convolutions_refuse_wrong_channels_and_impossible_padding()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => Conv1d(2, 3, 3).call(ones(1, 4, 5)));
        Assert.Throws<ArgumentException>(() => Conv2d(2, 3, 3).call(ones(1, 4, 5)));
        Assert.Throws<ArgumentException>(() => Conv1d(2, 3, 3, Padding.Same, stride: 2));
        Assert.Throws<ArgumentException>(() => ConvTranspose1d(2, 3, 3, padding_mode: PaddingModes.Reflect));
        Assert.Throws<ExternalException>(() => Conv1d(2, 3, 9).call(ones(1, 2, 5)));
    }

    [Fact]
    public void A_transposed_convolution_can_be_asked_for_a_size()
    {
        using var scope = NewDisposeScope();
        using var up = ConvTranspose2d(1, 1, 3, stride: 2, padding: 1);
        Assert.Equal([1, 1, 8, 7], up.forward(ones(1, 1, 4, 4), [8, 7]).shape);
        Assert.Equal([1, 1, 7, 7], up.call(ones(1, 1, 4, 4)).shape);
        Assert.Throws<ArgumentException>(() => up.forward(ones(1, 1, 4, 4), [9, 7]));
    }

    [Fact]
    public void Recurrent_networks_refuse_what_does_not_fit()
    {
        using var scope = NewDisposeScope();
        using var lstm = LSTM(2, 3);
        Assert.Contains("3 dimensions, got 2", Message(() => lstm.call(ones(5, 2))), StringComparison.Ordinal);
        Assert.Contains("Expected 2, got 7", Message(() => lstm.call(ones(5, 2, 7))), StringComparison.Ordinal);
        Assert.Contains("Expected hidden[0] size", Message(() => lstm.call(ones(5, 2, 2), (zeros(1, 1, 3), zeros(1, 1, 3)))), StringComparison.Ordinal);
        using var cell = GRUCell(2, 3);
        Assert.Contains("got 7 expected 2", Message(() => cell.call(ones(5, 7), null!)), StringComparison.Ordinal);

        static string Message(Action action) => Assert.Throws<ExternalException>(action).Message;
    }

    [Fact]
    public void Dropout_between_recurrent_layers_works_in_training_only()
    {
        using var scope = NewDisposeScope();
        using var gru = GRU(3, 4, 2, dropout: 0.9);
        var x = randn(5, 2, 3);
        var (a, _) = gru.call(x);
        var (b, _) = gru.call(x);
        Assert.False(a.allclose(b));
        gru.eval();
        (a, _) = gru.call(x);
        (b, _) = gru.call(x);
        TensorAssert.Equal(a, b);
    }

    [Fact]
    public void A_cell_starts_from_zero()
    {
        using var scope = NewDisposeScope();
        using var cell = GRUCell(3, 2);
        var x = randn(4, 3);
        TensorAssert.Close(cell.call(x, zeros(4, 2)), cell.forward(x));
        Assert.Throws<ExternalException>(() => cell.call(x, zeros(1, 2)));
        Assert.Throws<ExternalException>(() => cell.call(x, zeros(4, 3)));
    }

    [Fact]
    public void An_LSTM_cell_starts_from_zero()
    {
        PublishedFaults.Skip("lstm_cell_without_state");
        using var scope = NewDisposeScope();
        using var cell = LSTMCell(3, 2);
        var x = randn(4, 3);
        var (h, c) = cell.call(x);
        var (h1, c1) = cell.call(x, (zeros(4, 2), zeros(4, 2)));
        TensorAssert.Close(h1, h);
        TensorAssert.Close(c1, c);
    }

    [Fact]
    public void The_weights_of_a_plain_network_are_found_by_number()
    {
        using var rnn = RNN(3, 2, 2, bidirectional: true);
        Assert.Equal([2, 4], rnn.get_weight_ih(2)!.shape);
        TensorAssert.Equal(rnn.get_parameter("bias_hh_l1_reverse")!, rnn.get_bias_hh(3)!);
    }

    [Fact]
    public void Activations_as_modules_agree_with_functions()
    {
        using var scope = NewDisposeScope();
        var x = randn(4, 6);
        var cases = new (Module<Tensor, Tensor> module, Tensor expected)[]
        {
            (ReLU(), F.relu(x)), (ReLU6(), F.relu6(x)), (LeakyReLU(0.2), F.leaky_relu(x, 0.2)), (ELU(0.7), F.elu(x, 0.7)), (SELU(), F.selu(x)),
            (CELU(0.7), F.celu(x, 0.7)), (GELU(), F.gelu(x)), (GELU(Modules.GELU.Approximate.tanh), F.gelu(x, Modules.GELU.Approximate.tanh)),
            (SiLU(), F.silu(x)), (Mish(), F.mish(x)), (Softplus(2, 1), F.softplus(x, 2, 1)), (Tanh(), F.tanh(x)), (Sigmoid(), F.sigmoid(x)),
            (LogSigmoid(), F.logsigmoid(x)), (GLU(0), F.glu(x, 0)), (Hardsigmoid(), F.hardsigmoid(x)), (Hardswish(), F.hardswish(x)),
            (Hardtanh(-0.5, 0.25), F.hardtanh(x, -0.5, 0.25)), (Softmax(1), F.softmax(x, 1)), (LogSoftmax(0), F.log_softmax(x, 0)), (Softmin(1), F.softmin(x, 1)),
            (Flatten(0), x.flatten()), (Unflatten(1, [2, 3]), x.reshape(4, 2, 3)), (Identity(), x), (Unfold(2), F.unfold(x.reshape(1, 1, 4, 6), 2)),
        };
        foreach (var (module, expected) in cases)
            TensorAssert.Equal(expected, module.call(module is Unfold ? x.reshape(1, 1, 4, 6) : x), module.GetName());
        TensorAssert.Equal(F.cosine_similarity(x, x + 1, 0), CosineSimilarity(0).call(x, x + 1));
    }

    [Fact]
    public void Classes_become_rows_of_ones()
    {
        using var scope = NewDisposeScope();
        TensorAssert.Equal(tensor(new[] { 0L, 1, 0, 0, 0, 1 }).reshape(2, 3), F.one_hot(tensor(new[] { 1L, 2 })));
        Assert.Equal([2, 5], F.one_hot(tensor(new[] { 1L, 2 }), 5).shape);
    }

    [Fact]
    public void Losses_as_modules_agree_with_functions()
    {
        using var scope = NewDisposeScope();
        Tensor x = randn(4, 5), y = randn(4, 5), t = tensor(new[] { 1L, 0, 4, 2 }), w = rand(5);
        Check(F.cross_entropy(x, t, w, 4, Reduction.Sum, 0.2), new CrossEntropyLoss(w, 4, Reduction.Sum, 0.2).call(x, t));
        Check(F.cross_entropy(x, t), CrossEntropyLoss().call(x, t));
        Check(F.nll_loss(x, t, w), NLLLoss(w).call(x, t));
        Check(F.mse_loss(x, y, Reduction.Sum), MSELoss(Reduction.Sum).call(x, y));
        Check(F.l1_loss(x, y), L1Loss().call(x, y));
        Check(F.smooth_l1_loss(x, y, beta: 0.5), SmoothL1Loss(beta: 0.5).call(x, y));
        Check(F.huber_loss(x, y, 0.5), HuberLoss(0.5).call(x, y));
        Check(F.binary_cross_entropy(x.sigmoid(), y.sigmoid(), w), BCELoss(w).call(x.sigmoid(), y.sigmoid()));
        Check(F.binary_cross_entropy_with_logits(x, y.sigmoid(), w, Reduction.Mean, w), BCEWithLogitsLoss(w, pos_weights: w).call(x, y.sigmoid()));
        Check(F.kl_div(x, y), KLDivLoss().call(x, y));
        Check(F.soft_margin_loss(x, y.sign()), SoftMarginLoss().call(x, y.sign()));

        static void Check(Tensor expected, Tensor actual) => TensorAssert.Close(expected, actual);
    }

    [Fact]
    public void Losses_of_two_classes_refuse_another_shape()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ExternalException>(() => F.binary_cross_entropy(rand(4), rand(4, 1)));
        Assert.Throws<ExternalException>(() => F.binary_cross_entropy_with_logits(rand(4), rand(3)));
    }

    [Fact]
    public void Attention_refuses_a_mask_with_the_causal_flag_and_negative_dropout()
    {
        using var scope = NewDisposeScope();
        var x = randn(1, 2, 3);
        Assert.Throws<ArgumentException>(() => F.scaled_dot_product_attention(x, x, x, ones(2, 2, dtype: ScalarType.Bool), 0, true));
        Assert.Throws<ArgumentException>(() => F.scaled_dot_product_attention(x, x, x, null, -0.1));
    }

    [Fact]
    public void Attention_drops_weights_whatever_the_mode()
    {
        using var scope = NewDisposeScope();
        var y = F.scaled_dot_product_attention(zeros(1, 64, 4), zeros(1, 64, 4), ones(1, 64, 1), null, 0.5);
        Assert.InRange(y.std().item<float>(), 0.05, 0.3);
        Assert.Equal(1, y.mean().item<float>(), 0.1);
    }

    [Fact]
    public void An_interpolation_needs_a_size_or_a_factor_for_each_dimension()
    {
        using var scope = NewDisposeScope();
        var x = ones(1, 1, 4, 4);
        Assert.Throws<ExternalException>(() => F.interpolate(x));
        Assert.Throws<ExternalException>(() => F.interpolate(x, [2]));
        Assert.Throws<ExternalException>(() => F.interpolate(x, [2, 2], align_corners: true));
        Assert.Throws<ExternalException>(() => F.interpolate(x, [2, 2], mode: InterpolationMode.Linear));
    }

    [Fact]
    public void Pooling_gives_indices_on_request()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1f, 5, 2, 4 }).reshape(1, 1, 4);
        var (values, indices) = MaxPool1d(2).forward_with_indices(x);
        TensorAssert.Equal(tensor(new[] { 5f, 4f }).reshape(1, 1, 2), values);
        TensorAssert.Equal(tensor(new[] { 1L, 3 }).reshape(1, 1, 2), indices);
        var (largest, at) = AdaptiveMaxPool2d([1, 1]).forward_with_indices(x.reshape(1, 1, 2, 2));
        Assert.Equal((5, 1), (largest.item<float>(), at.item<long>()));
    }
}
