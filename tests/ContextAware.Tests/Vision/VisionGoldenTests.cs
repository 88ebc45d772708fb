using ContextAware.Testing;
using ContextAware.Vision;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Vision;

/// <summary>Against PyTorch: golden/make_golden_vision.py says how the values came about.</summary>
public class VisionGoldenTests
{
    private static readonly Lazy<GoldenFile> Golden = new(() => GoldenFile.Read("tests", "ContextAware.Tests", "golden", "vision.safetensors"));

    private static readonly Dictionary<string, Func<nn.Module<Tensor, Tensor>>> Modules = new()
    {
        ["squeeze and excitation"] = () => new SqueezeExcitation(7, 3),
        ["efficient channel"] = () => new EfficientChannelAttention(7, 3),
        ["channel"] = () => new ChannelAttention(7, 3),
        ["spatial"] = () => new SpatialAttention(7),
        ["conv block"] = () => new ConvBlockAttention(7, 3, 7),
        ["bottleneck"] = () => new BottleneckAttention(7, 3, 2),
        ["bottleneck, training"] = () => new BottleneckAttention(7, 3, 2),
        ["coordinate"] = () => new CoordinateAttention(7, 3),
        ["coordinate, training"] = () => new CoordinateAttention(7, 3),
        ["non-local"] = () => new NonLocalBlock(7, 3),
        ["non-local, dot"] = () => new NonLocalBlock(7, 3, NonLocalKind.Dot),
        ["map, sinusoidal"] = () => new FeatureMapAttention(10, 2, new SinusoidalEncoding2d(10)),
        ["map, relative"] = () => new FeatureMapAttention(10, new RelativeBias2d(2, 5, 3)),
    };

    public static TheoryData<string> Cases => [.. Modules.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_gives_what_PyTorch_gives_with_its_weights_loaded_by_name(string name)
    {
        using var scope = NewDisposeScope();
        using var module = Modules[name]();
        module.to(ScalarType.Float64);
        module.load_state_dict(Tensors(name, "state"));
        module.train(name.EndsWith("training", StringComparison.Ordinal));
        var (input, outer) = (Golden.Value.Tensor($"{name}/input/x").requires_grad_(), Golden.Value.Tensor($"{name}/input/outer"));

        var output = module.call(input);
        TensorAssert.Close(Golden.Value.Tensor($"{name}/output/output"), output, 1e-10, 1e-10);

        (output * outer).sum().backward();
        var parameters = module.named_parameters().ToDictionary(item => item.name, item => (Tensor)item.parameter);
        foreach (var (what, gradient) in Tensors(name, "gradient"))
            TensorAssert.Close(gradient, (what == "x" ? input : parameters[what]).grad!, 1e-9, 1e-10, $"gradient of {what}");
    }

    private static Dictionary<string, Tensor> Tensors(string name, string kind)
    {
        var prefix = $"{name}/{kind}/";
        return Golden.Value.Names.Where(full => full.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(full => full[prefix.Length..], Golden.Value.Tensor);
    }
}
