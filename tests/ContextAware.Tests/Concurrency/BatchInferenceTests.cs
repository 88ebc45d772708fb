using ContextAware.Attention;
using ContextAware.Concurrency;
using ContextAware.Masking;
using ContextAware.Testing;
using ContextAware.Transformers;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace ContextAware.Tests.Concurrency;

public class BatchInferenceTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 1)]
    [InlineData(5, 2)]
    [InlineData(5, 3)]
    [InlineData(2, 7)]
    public void Parts_give_what_the_whole_gives(int batch, int threads)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(3);
        using var encoder = new EncoderLayers(layers: 2, width: 12, heads: 3);
        encoder.eval();
        var input = randn(batch, 7, 12);
        using var inference = new BatchInference(threads);
        using var noGradient = no_grad();
        TensorAssert.Close(encoder.call(input).Output, inference.Run(input, part => encoder.call(part).Output), 1e-5);
    }

    [Fact]
    public void Lengths_go_with_their_rows()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(4);
        using var attention = new MultiHeadAttention(8, 2);
        attention.eval();
        var (query, memory) = (randn(5, 3, 8), randn(5, 6, 8));
        var lengths = tensor(new long[] { 6, 1, 3, 2, 5 });
        using var inference = new BatchInference(2);
        using var noGradient = no_grad();
        var whole = attention.call(query, memory, mask: AttentionMask.FromLengths(lengths)).Output;
        var parts = inference.Run(5, part => attention.call(part.Of(query), part.Of(memory), mask: AttentionMask.FromLengths(part.Of(lengths))).Output);
        TensorAssert.Close(whole, parts, 1e-6);
    }

    [Fact]
    public void A_call_within_a_call_is_refused_and_the_next_one_works()
    {
        using var scope = NewDisposeScope();
        using var inference = new BatchInference(2);
        var input = ones(4, 2);
        Assert.Throws<InvalidOperationException>(() => inference.Run(input, part => inference.Run(part, inner => inner * 2)));
        TensorAssert.Equal(input * 2, inference.Run(input, part => part * 2));
    }

    [Fact]
    public void Disposed_twice_it_is_disposed()
    {
        var inference = new BatchInference(2);
        inference.Dispose();
        inference.Dispose();
        using var scope = NewDisposeScope();
        Assert.Throws<ObjectDisposedException>(() => inference.Run(ones(4, 2), part => part));
    }

    [Fact]
    public void Each_row_is_in_one_part_in_order()
    {
        using var scope = NewDisposeScope();
        using var inference = new BatchInference(3);
        var rows = inference.Run(7, part => arange(part.First, part.First + part.Count));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], rows.data<long>().ToArray());
    }

    [Fact]
    public void No_gradients_are_kept_and_threads_are_as_before()
    {
        using var scope = NewDisposeScope();
        var before = get_num_threads();
        using var inference = new BatchInference(2);
        var weight = ones(3).requires_grad_();
        var threads = 0;
        var result = inference.Run(ones(4, 3), part =>
        {
            Interlocked.Add(ref threads, get_num_threads());
            return part * weight;
        });
        Assert.False(result.requires_grad);
        Assert.Equal(2, threads);
        Assert.Equal(before, get_num_threads());
        Assert.True(is_grad_enabled());
    }

    [Fact]
    public void What_the_model_keeps_stays_the_models()
    {
        using var kept = ones(2, 3);
        using var inference = new BatchInference(1);
        for (var i = 0; i < 2; i++)
        {
            using var result = inference.Run(2, _ => kept);
            Assert.Equal(6, result.sum().item<float>());
        }

        Assert.Equal(6, kept.sum().item<float>());
    }

    [Fact]
    public void The_result_belongs_to_the_callers_scope_and_nothing_else_stays()
    {
        random.manual_seed(5);
        using var encoder = new EncoderLayers(layers: 1, width: 8, heads: 2);
        encoder.eval();
        using var input = randn(4, 16, 8);
        // Each thread counts what it made less what it freed, whoever made that: only the sum tells.
        using var inference = new BatchInference(1);
        Tensor? result = null;
        var live = new List<long>();
        for (var round = 0; round < 6; round++)
        {
            using var scope = NewDisposeScope();
            var here = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            result = inference.Run(input, part =>
            {
                live.Add(here + DisposeScopeManager.Statistics.ThreadTotalLiveCount);
                return encoder.call(part).Output;
            });
            Assert.False(result.IsInvalid);
        }

        Assert.All(live.Skip(2), count => Assert.Equal(live[1], count));
        Assert.True(result!.IsInvalid);
    }

    [Fact]
    public void What_a_part_throws_comes_through_and_the_threads_go_on()
    {
        using var scope = NewDisposeScope();
        using var inference = new BatchInference(2);
        Assert.Throws<NotSupportedException>(() => inference.Run(4, part => part.First > 0 ? throw new NotSupportedException() : ones(2)));
        Assert.Equal(4, inference.Run(4, part => ones(part.Count)).size(0));
    }

    [Fact]
    public void Bad_input_is_refused()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchInference(0));
        var inference = new BatchInference(2);
        Assert.Throws<ArgumentOutOfRangeException>(() => inference.Run(0, part => ones(part.Count)));
        Assert.Throws<ArgumentOutOfRangeException>(() => inference.Run(ones(0, 3), part => part));
        Assert.Throws<ArgumentNullException>(() => inference.Run(null!, part => part));
        Assert.Throws<ArgumentNullException>(() => inference.Run(2, null!));
        Assert.Contains("got a scalar", Assert.Throws<ArgumentException>(() => inference.Run(tensor(1f), part => part)).Message, StringComparison.Ordinal);
        Assert.Contains("Expected 2 rows from the model, got [1, 3]", Assert.Throws<InvalidOperationException>(() => inference.Run(ones(4, 3), part => part[..1])).Message, StringComparison.Ordinal);
        Assert.Contains("Expected at least 3 rows, got 2", Assert.Throws<ArgumentException>(() => new BatchPart(1, 2).Of(ones(2))).Message, StringComparison.Ordinal);
        inference.Dispose();
        Assert.Throws<ObjectDisposedException>(() => inference.Run(2, part => ones(part.Count)));
    }
}
