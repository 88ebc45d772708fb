using ContextAware.Testing;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.NN;

/// <summary>Moving modules to types and devices.</summary>
public class MovingTests
{
    [Fact]
    public void Moving_writes_new_parameters_and_buffers_back_through_fields()
    {
        using var scope = NewDisposeScope();
        using var module = new Scaled();
        Assert.Same(module, module.to(float64));
        Assert.All(module.state_dict(), entry => Assert.Equal(entry.Key.EndsWith("count", StringComparison.Ordinal) ? int64 : float64, entry.Value.dtype));
        Assert.Equal(float64, module.call(ones(2, 3, dtype: float64)).dtype);
        Assert.All(module.parameters(), p => Assert.True(p.requires_grad && p.is_leaf));
    }

    [Fact]
    public void Moving_takes_the_gradient_along()
    {
        using var scope = NewDisposeScope();
        using var module = new Scaled();
        module.call(ones(2, 3)).sum().backward();
        var expected = module.get_parameter("scale")!.grad!.clone();
        module.@double();
        TensorAssert.Close(expected, module.get_parameter("scale")!.grad!);
        Assert.Equal(float64, module.get_parameter("scale")!.grad!.dtype);
    }

    [Fact]
    public void Moving_to_where_it_is_changes_nothing()
    {
        using var module = new Scaled();
        var before = module.parameters().ToList();
        module.to(float32).to(CPU).cpu().to("cpu").to(CPU, float32);
        Assert.All(module.parameters().Zip(before), pair => Assert.Same(pair.First, pair.Second));
    }

    [Fact]
    public void Only_floating_and_complex_types_can_be_moved_to()
    {
        using var module = nn.Sequential(new Scaled());
        Assert.Throws<ArgumentException>(() => module[0] is Scaled scaled ? scaled.to(int64) : null);
    }

    [Fact]
    public void Moving_to_CUDA_where_there_is_none_throws()
    {
        Assert.SkipWhen(cuda.is_available(), "There is CUDA here.");
        using var module = new Scaled();
        Assert.Throws<InvalidOperationException>(() => module.cuda());
    }

    [Fact]
    public void Recurrent_weights_on_CUDA_lie_side_by_side()
    {
        Assert.SkipUnless(cuda.is_available(), "No CUDA device is available.");
        using var scope = NewDisposeScope();
        nn.Module[] modules = [nn.LSTM(3, 4, numLayers: 2, bidirectional: true), nn.GRU(3, 4), nn.RNN(3, 4)];
        foreach (var module in modules)
        {
            var before = module.parameters().Select(weight => weight.detach().clone()).ToList();
            module.to(CUDA);
            Assert.Equal(before.Count, module.parameters().Select(weight => weight.storage_offset()).Distinct().Count());
            foreach (var (old, moved) in before.Zip(module.parameters())) TensorAssert.Equal(old, moved.cpu());
            Assert.All(module.parameters(), weight => Assert.True(weight.requires_grad && weight.is_leaf));
            module.Dispose();
        }
    }

    [Fact]
    public void Two_components_of_one_name_throw_when_moved()
    {
        using var module = new Clash();
        Assert.Throws<ArgumentException>(() => module.to(float64));
    }

    [Fact]
    public void A_component_with_a_name_of_the_base_class_throws_when_moved()
    {
        using var named = new TakesName();
        Assert.Throws<ArgumentException>(() => named.to(float64));
        using var handled = new TakesHandle();
        Assert.Throws<ArgumentException>(() => handled.to(float64));
    }

    [Fact]
    public void A_property_that_can_not_be_set_throws_when_its_parameter_moves()
    {
        using var module = new ReadOnlyProperty();
        Assert.Throws<ArgumentException>(() => module.to(float64));
    }

    [Fact]
    public void A_module_dict_can_not_be_moved_as_in_TorchSharp()
    {
        using var dict = nn.ModuleDict(("a", nn.Linear(2, 2)));
        Assert.Throws<ArgumentException>(() => dict.to(float64));
    }

    [Fact]
    public void Setting_a_weight_replaces_the_registered_one()
    {
        using var scope = NewDisposeScope();
        using var module = nn.Linear(2, 3);
        var old = module.weight;
        module.weight = new Parameter(zeros(3, 2));
        module.bias = null;
        Assert.True(old!.IsInvalid);
        Assert.Equal(["weight"], module.state_dict().Keys);
        TensorAssert.AllZero(module.call(ones(1, 2)));
    }

    private sealed class Scaled : nn.Module<Tensor, Tensor>
    {
        private readonly Linear linear = nn.Linear(3, 3);
        private readonly BatchNorm1d norm = nn.BatchNorm1d(3);
        private Parameter scale = new(ones(3));
        private Tensor offset = ones(3);
        private readonly Tensor count = zeros(1, dtype: int64);

        public Scaled() : base(nameof(Scaled))
        {
            RegisterComponents();
            norm.num_batches_tracked = null;
        }

        public override Tensor forward(Tensor input)
        {
            Assert.Equal(0, count.item<long>());
            return norm.call(linear.call(input)) * scale + offset;
        }
    }

    private sealed class Clash : nn.Module
    {
        [ComponentName(Name = "same")]
        private readonly Parameter a = new(ones(1));
        [ComponentName(Name = "same")]
        private readonly Parameter b = new(ones(1));

        public Clash() : base(nameof(Clash))
        {
            RegisterComponents();
            Assert.NotSame(a, b);
        }
    }

    private sealed class TakesName : nn.Module
    {
        [ComponentName(Name = "name")]
        private readonly Parameter own = new(ones(1));

        public TakesName() : base(nameof(TakesName))
        {
            RegisterComponents();
            Assert.NotNull(own);
        }
    }

    private sealed class TakesHandle : nn.Module
    {
        [ComponentName(Name = "handle")]
        private readonly Parameter own = new(ones(1));

        public TakesHandle() : base(nameof(TakesHandle))
        {
            RegisterComponents();
            Assert.NotNull(own);
        }
    }

    private sealed class ReadOnlyProperty : nn.Module
    {
        [ComponentName(Name = nameof(Table))]
        private readonly Parameter _table = new(ones(1));

        public ReadOnlyProperty() : base(nameof(ReadOnlyProperty)) => RegisterComponents();

        public Parameter Table => _table;
    }
}
