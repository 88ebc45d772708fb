using ContextAware.Attention;
using ContextAware.Masking;
using ContextAware.Scoring;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Catalog;

/// <summary>What every module of scores and attention owes beyond <see cref="ModuleConformance{TModule}"/>.</summary>
public class EveryModuleTests
{
    public static TheoryData<string> Names => [.. Modules.All.Keys];

    public static TheoryData<string> Masked => [.. Modules.All.Where(item => item.Value.Masks.Length > 0).Select(item => item.Key)];

    public static TheoryData<string> WithKeys => [.. Modules.All.Where(item => item.Value.Hideable.Length > 0).Select(item => item.Key)];

    /// <summary>Older libtorches have no linear layer in float16 on the CPU; these have none.</summary>
    public static TheoryData<string> WithoutLinear => ["dot", "scaled dot", "cosine", "dot attention", "scaled dot-product", "scaled dot-product, capped"];

    [Fact]
    public void None_is_missing_from_the_catalogue()
    {
        var modules = PublicTypes().Where(type => type.IsSubclassOf(typeof(nn.Module)) && !type.IsAbstract);
        var listed = Modules.All.Values.Select(item => item.Create().GetType()).ToHashSet();
        Assert.Empty(modules.Except(listed).Select(type => type.Name));
    }

    [Fact]
    public void Each_has_its_conformance_test()
    {
        var tested = typeof(EveryModuleTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Public))
            .Select(method => method.ReturnType)
            .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ModuleConformance<>))
            .Select(type => type.GetGenericArguments()[0]);
        var modules = PublicTypes().Where(type => type.IsSubclassOf(typeof(nn.Module)) && !type.IsAbstract);
        Assert.Empty(modules.Except(tested).Select(type => type.Name));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_agree_with_finite_differences(string name)
    {
        using var scope = NewDisposeScope();
        manual_seed(31);
        var (few, item) = (new GradientCheckOptions { MaximumElements = 8 }, Modules.All[name]);
        foreach (var mask in item.Masks.Select(make => make()).Prepend(null))
        {
            using var module = item.Create();
            Perturb(module);
            GradientCheck.Module(module, x => [item.Forward(module, x, mask)], few, item.Draw());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Bfloat16_stays_close_forward_and_backward(string name) => StaysClose(name, ScalarType.BFloat16, 0.06);

    [Theory]
    [MemberData(nameof(WithoutLinear))]
    public void Float16_stays_close_forward_and_backward(string name) => StaysClose(name, ScalarType.Float16, 0.01);

    [Theory]
    [MemberData(nameof(WithKeys))]
    public void What_a_mask_hides_may_be_anything_in_half_precision_too(string name)
    {
        using var scope = NewDisposeScope();
        manual_seed(37);
        var item = Modules.All[name];
        using var module = item.Create();
        module.eval();
        foreach (var type in new[] { ScalarType.Float32, ScalarType.BFloat16 })
        {
            module.to(type);
            Tensor[] inputs = [.. item.Draw().Select(x => x.to(type))];
            var mask = AttentionMask.FromLengths(3, 0);
            var expected = Differentiate(item, module, inputs, mask);
            var hidden = tensor(new[] { false, false, false, true, true, true, true, true, true, true }).view(2, 5, 1);
            foreach (var filler in new[] { double.NaN, double.PositiveInfinity })
            {
                Tensor[] poisoned = [.. inputs.Select((x, i) => !item.Hideable.Contains(i) ? x : x.masked_fill(x.Dimensions == 4 ? hidden.unsqueeze(1) : hidden, filler))];
                foreach (var (e, a) in expected.Zip(Differentiate(item, module, poisoned, mask)))
                    TensorAssert.Close(e, a, 1e-5, 1e-6, $"{type} with {filler}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Masked))]
    public void A_mask_is_made_once_in_a_forward(string name)
    {
        using var scope = NewDisposeScope();
        var item = Modules.All[name];
        using var module = item.Create();
        foreach (var make in item.Masks)
        {
            var mask = new CountingMask(make());
            item.Forward(module, item.Draw(), mask);
            Assert.Equal(1, mask.Builds);
        }
    }

    private static void StaysClose(string name, ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        manual_seed(41);
        var item = Modules.All[name];
        using var module = item.Create();
        module.eval();
        foreach (var mask in item.Masks.Select(make => make()).Prepend(null))
        {
            module.to(type);
            Tensor[] inputs = [.. item.Draw().Select(x => x.to(type))];
            var actual = Differentiate(item, module, inputs, mask);
            module.to(ScalarType.Float64);
            var expected = Differentiate(item, module, [.. inputs.Select(x => x.to(ScalarType.Float64))], mask);
            foreach (var (e, a) in expected.Zip(actual))
            {
                TensorAssert.Type(type, a);
                var size = Math.Max(1, e.abs().max().item<double>());
                TensorAssert.Close(e, a, tolerance, tolerance * size);
            }
        }
    }

    /// <summary>The output, and the gradients of inputs and parameters.</summary>
    private static List<Tensor> Differentiate(ModuleCase item, nn.Module module, Tensor[] inputs, AttentionMask? mask)
    {
        module.zero_grad();
        Tensor[] leaves = [.. inputs.Select(x => x.detach().clone().requires_grad_())];
        var output = item.Forward(module, leaves, mask);
        var outer = arange(output.numel(), float64).mul(0.7).sin().view(output.shape);
        (output * outer.to(output.dtype)).sum().backward();
        var parameters = module.named_parameters().Where(p => !item.Idle.Contains(p.name)).Select(p => p.parameter.grad!.clone());
        return [output.detach(), .. leaves.Select(leaf => leaf.grad!), .. parameters];
    }

    // A bias that starts at 0 or a gain that starts at 1 would hide a missing term.
    private static void Perturb(nn.Module module)
    {
        using var _ = no_grad();
        foreach (var parameter in module.parameters())
            parameter.add_(randn(parameter.shape) * 0.1);
    }

    private static IEnumerable<Type> PublicTypes() =>
        typeof(ScoreFunction).Assembly.GetExportedTypes().Where(type => type.Namespace == typeof(ScoreFunction).Namespace || type.Namespace == typeof(AttentionResult).Namespace);
}
