using ContextAware.Testing;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.NN;

/// <summary>Hooks around call.</summary>
public class HookTests
{
    [Fact]
    public void Hooks_may_replace_input_and_result()
    {
        using var scope = NewDisposeScope();
        using var module = new Twice();
        module.register_forward_pre_hook((_, x) => x + 1);
        module.register_forward_hook((_, _, y) => y + 100);
        Assert.Equal(104, module.call(ones(1)).item<float>());
        Assert.Equal(2, module.forward(ones(1)).item<float>());
    }

    [Fact]
    public void Hooks_run_in_order_and_see_what_came_before()
    {
        using var scope = NewDisposeScope();
        using var module = new Twice();
        var seen = new List<string>();
        module.register_forward_hook((_, x, y) => { seen.Add($"after {x.item<float>()} {y.item<float>()}"); return y; });
        module.register_forward_pre_hook(_ => seen.Add("module before"));
        module.register_forward_pre_hook((_, x) => { seen.Add($"before {x.item<float>()}"); return x * 10; });
        module.register_forward_hook(_ => seen.Add("module after"));
        module.call(ones(1));
        Assert.Equal(["module before", "before 1", "after 10 20", "module after"], seen);
    }

    [Fact]
    public void A_removed_hook_runs_no_more()
    {
        using var scope = NewDisposeScope();
        using var module = new Twice();
        var before = module.register_forward_pre_hook((_, x) => x + 1);
        var after = module.register_forward_hook((_, _, y) => y + 1);
        var counted = 0;
        var counter = module.register_forward_hook(_ => { counted++; });
        Assert.Equal(5, module.call(ones(1)).item<float>());
        before.remove();
        after.remove();
        counter.remove();
        counter.remove();
        Assert.Equal(2, module.call(ones(1)).item<float>());
        Assert.Equal(1, counted);
    }

    [Fact]
    public void A_hook_of_several_inputs_returns_all_of_them_or_null()
    {
        using var scope = NewDisposeScope();
        using var module = new Difference();
        Assert.Equal(4, module.call(ones(1) * 5, ones(1)).item<float>());
        var swap = module.register_forward_pre_hook((_, a, b) => (b, a));
        module.register_forward_pre_hook((_, _, _) => null);
        Assert.Equal(-4, module.call(ones(1) * 5, ones(1)).item<float>());
        swap.remove();
        module.register_forward_hook((_, a, b, y) => y * a + b);
        Assert.Equal(21, module.call(ones(1) * 5, ones(1)).item<float>());
    }

    [Fact]
    public void Hooks_of_parts_run_in_a_sequence()
    {
        using var scope = NewDisposeScope();
        using var module = nn.Sequential(nn.Identity(), nn.ReLU());
        ((nn.Module<Tensor, Tensor>)module[0]).register_forward_hook((_, _, y) => y - 3);
        TensorAssert.AllZero(module.call(ones(2)));
    }

    private sealed class Twice() : nn.Module<Tensor, Tensor>(nameof(Twice))
    {
        public override Tensor forward(Tensor input) => input * 2;
    }

    private sealed class Difference() : nn.Module<Tensor, Tensor, Tensor>(nameof(Difference))
    {
        public override Tensor forward(Tensor input1, Tensor input2) => input1 - input2;
    }
}
