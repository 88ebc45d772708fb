using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ContextAware.Benchmarks.Cases;

/// <content>TorchSharp's own <c>nn.MultiheadAttention</c>, sequence first as it wants it. Compiled over the real TorchSharp only.</content>
internal static partial class Catalogue
{
    private const long Width = 512;
    private const long Heads = 8;

    static partial void AddTorchSharpCases(List<Case> cases)
    {
        cases.Add(Peer("self-4x1024", () => Forward(4, 1024, weights: false)));
        cases.Add(Peer("self-4x1024-weights", () => Forward(4, 1024, weights: true)));
        cases.Add(Peer("self-4x1024-train", () => ForwardAndBackward(4, 1024)));
        cases.Add(Peer("self-1x8192", () => Forward(1, 8192, weights: false)));
        cases.Add(Peer("cross-32x50x100", () => Cross(32, 50, 100)));
        cases.Add(Peer("padded-32x128", () => Forward(32, 128, weights: false, [.. Enumerable.Range(0, 32).Select(i => 128L - (3 * i))])));
    }

    private static Case Peer(string name, Func<Action> prepare) => new(name, "TorchSharp's nn.MultiheadAttention", prepare);

    private static Action Forward(long batch, long length, bool weights, long[]? lengths = null)
    {
        var attention = Module(training: false);
        var input = randn(length, batch, Width);
        var padding = lengths is null ? null : arange(length).unsqueeze(0).ge(tensor(lengths).unsqueeze(1));
        return () =>
        {
            using var noGrad = no_grad();
            using var scope = NewDisposeScope();
            attention.call(input, input, input, padding, weights);
        };
    }

    private static Action ForwardAndBackward(long batch, long length)
    {
        var attention = Module(training: true);
        var input = randn([length, batch, Width], requires_grad: true);
        return () =>
        {
            using var scope = NewDisposeScope();
            attention.zero_grad();
            input.grad = null!;
            attention.call(input, input, input, need_weights: false).Item1.sum().backward();
        };
    }

    private static Action Cross(long batch, long queries, long keys)
    {
        var attention = Module(training: false);
        var (query, key) = (randn(queries, batch, Width), randn(keys, batch, Width));
        return () =>
        {
            using var noGrad = no_grad();
            using var scope = NewDisposeScope();
            attention.call(query, key, key, need_weights: false);
        };
    }

    private static MultiheadAttention Module(bool training)
    {
        var module = nn.MultiheadAttention(Width, Heads);
        module.train(training);
        return module;
    }
}
