using ContextAware.Testing;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.NN;

/// <summary>One case of a file of golden/make_golden_nn.py: inputs, outputs, factors of the outputs, gradients.</summary>
internal sealed class GoldenCase
{
    private readonly GoldenFile _file;
    private readonly string _name;

    public GoldenCase(string file, string name)
    {
        _file = GoldenFile.Read("tests/TorchSharp.SystemLibtorch.Tests/golden", file);
        _name = name;
        Inputs = [.. Names("in.").Select(key => this[$"in.{key}"]).Select(x => x.is_floating_point() ? x.requires_grad_() : x)];
    }

    /// <summary>The seed of every case.</summary>
    public const long Seed = 7;

    public Tensor[] Inputs { get; }

    public Tensor this[string key] => _file.Tensor($"{_name}/{key}");

    /// <summary>What follows a prefix in this case's names.</summary>
    public IEnumerable<string> Names(string prefix)
        => _file.Names.Where(key => key.StartsWith($"{_name}/{prefix}", StringComparison.Ordinal)).Select(key => key[(_name.Length + 1 + prefix.Length)..]);

    /// <summary>The initial values as a state dict.</summary>
    public Dictionary<string, Tensor> State => Names("init.").ToDictionary(key => key, key => this[$"init.{key}"]);

    /// <summary>Compares outputs, then the gradients of the sum of outputs times factors.</summary>
    public void Check(Tensor[] outputs, IEnumerable<(string name, Modules.Parameter parameter)>? parameters = null, double tolerance = 2e-6)
    {
        Assert.Equal(Names("out.").Count(), outputs.Length);
        var scalar = zeros(Array.Empty<long>());
        for (var i = 0; i < outputs.Length; i++)
        {
            TensorAssert.Close(this[$"out.{i}"], outputs[i], 1e-5, tolerance, $"{_name}/out.{i}");
            scalar = scalar + (outputs[i] * this[$"factor.{i}"]).sum();
        }
        scalar.backward();
        var leaves = Inputs.Select((input, i) => ($"in.{i}", input)).Where(leaf => leaf.input.requires_grad)
            .Concat((parameters ?? []).Select(p => (p.name, (Tensor)p.parameter)));
        foreach (var (key, leaf) in leaves) TensorAssert.Close(this[$"grad.{key}"], leaf.grad!, 1e-5, tolerance, $"{_name}/grad.{key}");
    }
}
