using ContextAware.Testing;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.NN;

/// <summary>Registration of components, walking through them, training mode, disposal.</summary>
public class ModuleTests
{
    [Fact]
    public void Fields_are_registered_under_their_names_from_the_derived_class_up()
    {
        using var module = new Derived();
        Assert.Equal(
            ["renamed_parameter", "plain", "<Auto>k__BackingField", "inherited"],
            module.named_parameters().Select(p => p.name.Split('.')[0]).Distinct());
        Assert.Equal(["table"], module.named_buffers(recurse: false).Select(b => b.name));
        Assert.Equal(["plain", "list", "<Auto>k__BackingField", "inherited"], module.named_children().Select(c => c.name));
    }

    [Fact]
    public void The_state_dict_has_parameters_then_buffers_by_dotted_name()
    {
        using var module = new Derived();
        var text = string.Join('\n', module.state_dict().Select(entry => $"{entry.Key} [{string.Join(", ", entry.Value.shape)}]"));
        Assert.Equal(
            """
            renamed_parameter [2]
            plain.weight [3, 2]
            plain.bias [3]
            <Auto>k__BackingField.weight [5]
            <Auto>k__BackingField.bias [5]
            inherited.weight_ih_l0 [8, 3]
            inherited.weight_hh_l0 [8, 2]
            inherited.bias_ih_l0 [8]
            inherited.bias_hh_l0 [8]
            table [4]
            <Auto>k__BackingField.running_mean [5]
            <Auto>k__BackingField.running_var [5]
            <Auto>k__BackingField.num_batches_tracked []
            """.ReplaceLineEndings("\n"), text);
    }

    [Fact]
    public void Parameters_and_buffers_are_found_by_dotted_name()
    {
        using var module = new Derived();
        Assert.True(module.has_parameter("plain.weight"));
        Assert.False(module.has_parameter("plain.nothing"));
        Assert.True(module.has_buffer("<Auto>k__BackingField.running_var"));
        Assert.Equal([3, 2], module.get_parameter("plain.weight")!.shape);
        Assert.Null(module.get_parameter("nothing.weight"));
        Assert.Equal([4], module.get_buffer("table")!.shape);
    }

    [Fact]
    public void Modules_are_listed_children_first()
    {
        using var module = nn.Sequential(("a", nn.Sequential(("b", nn.Linear(2, 2)))), ("c", nn.ReLU()));
        Assert.Equal(["a", "c", "a.b"], module.named_modules().Select(m => m.name));
        var order = new List<string>();
        module.apply(m => order.Add(m.GetType().Name));
        Assert.Equal([nameof(Linear), nameof(Sequential), nameof(ReLU), nameof(Sequential)], order);
    }

    [Fact]
    public void A_shared_parameter_is_listed_once_and_saved_under_each_name()
    {
        using var shared = nn.Linear(2, 2);
        using var module = new Pair(shared, shared);
        Assert.Equal(["first.weight", "first.bias"], module.named_parameters().Select(p => p.name));
        Assert.Equal(["first.weight", "first.bias", "second.weight", "second.bias"], module.state_dict().Keys);
    }

    [Fact]
    public void A_buffer_that_is_not_persistent_is_in_no_list_and_no_file()
    {
        using var module = new Pair(nn.Linear(2, 2), nn.Linear(2, 2));
        module.register_buffer("kept", ones(1));
        module.register_buffer("passing", ones(1), persistent: false);
        Assert.Equal(["kept"], module.named_buffers().Select(b => b.name));
        Assert.True(module.has_buffer("passing"));
    }

    [Fact]
    public void Names_are_checked_on_registration()
    {
        using var module = new Pair(nn.Linear(2, 2), nn.Linear(2, 2));
        using var other = nn.Linear(2, 2);
        Assert.Throws<ArgumentException>(() => module.register_module("a.b", other));
        Assert.Throws<ArgumentException>(() => module.register_module("", other));
        Assert.Throws<InvalidOperationException>(() => module.register_module("first", other));
        Assert.Throws<ArgumentNullException>(() => module.register_parameter("p", null!));
        Assert.Throws<ArgumentNullException>(() => module.register_buffer("b", null!));
        module.register_buffer("b", ones(1));
        Assert.Throws<InvalidOperationException>(() => module.register_buffer("b", ones(1)));
        module.register_module("first", null!);
        Assert.Equal(["second"], module.named_children().Select(c => c.name));
    }

    [Fact]
    public void A_parameterless_module_takes_no_parameters()
    {
        using var module = nn.ReLU();
        Assert.Throws<InvalidOperationException>(() => module.register_parameter("p", new Parameter(ones(1))));
        Assert.Throws<InvalidOperationException>(() => module.register_buffer("b", ones(1)));
    }

    [Fact]
    public void Training_mode_reaches_all_modules()
    {
        using var module = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Dropout(0.5)));
        Assert.True(module.training);
        module.eval();
        Assert.All(module.modules(), m => Assert.False(m.training));
        module.train();
        Assert.All(module.modules(), m => Assert.True(m.training));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gradients_are_dropped_or_set_to_zero(bool drop)
    {
        using var scope = NewDisposeScope();
        using var module = nn.Linear(2, 3);
        module.call(ones(4, 2)).sum().backward();
        module.zero_grad(drop);
        if (drop) Assert.All(module.parameters(), p => Assert.Null(p.grad));
        else Assert.All(module.parameters(), p => TensorAssert.AllZero(p.grad!));
    }

    [Fact]
    public void Disposing_a_module_disposes_what_is_in_it()
    {
        var module = new Derived();
        var tensors = module.state_dict().Values.ToList();
        module.Dispose();
        Assert.All(tensors, tensor => Assert.True(tensor.IsInvalid));
        module.Dispose();
    }

    [Fact]
    public void A_module_made_in_a_scope_outlives_it()
    {
        nn.Module<Tensor, Tensor> module;
        using (NewDisposeScope()) module = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Conv1d(1, 2, 2), nn.PReLU(1));
        Assert.All(module.state_dict().Values, tensor => Assert.False(tensor.IsInvalid));
        module.Dispose();
    }

    [Fact]
    public void A_parameter_takes_the_tensor_and_its_place_in_the_scope()
    {
        var data = ones(2);
        using (NewDisposeScope())
        {
            var parameter = new Parameter(data);
            Assert.True(data.IsInvalid);
            Assert.True(parameter.requires_grad);
            Assert.False(new Parameter(ones(2), requires_grad: false).requires_grad);
            data = parameter;
        }
        Assert.False(data.IsInvalid);
        data.Dispose();
    }

    private sealed class Pair : nn.Module<Tensor, Tensor>
    {
        private readonly Linear first, second;

        public Pair(Linear first, Linear second) : base(nameof(Pair))
        {
            (this.first, this.second) = (first, second);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => second.call(first.call(input));
    }

    private class Base : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = "inherited")]
        private readonly LSTM _lstm = nn.LSTM(3, 2);

        protected Base() : base("named") { }

        public override Tensor forward(Tensor input) => _lstm.call(input).Item1;
    }

    private sealed class Derived : Base
    {
        private readonly Linear plain = nn.Linear(2, 3);
        private readonly Linear? absent = Nothing();
        private readonly List<Linear> unseen = [nn.Linear(2, 2)];
        private readonly ModuleList<Linear> list = nn.ModuleList<Linear>();
        [ComponentName(Name = "renamed_parameter")]
        private readonly Parameter _parameter = new(ones(2));
        private readonly Tensor table = zeros(4);

        public Derived()
        {
            RegisterComponents();
            Assert.Null(absent);
            Assert.Single(unseen);
            Assert.Empty(list);
            Assert.False(_parameter.IsInvalid || table.IsInvalid);
            Assert.NotNull(plain);
        }

        private static Linear? Nothing() => null;

        public BatchNorm1d Auto { get; } = nn.BatchNorm1d(5);
    }
}
