using ContextAware.Testing;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.NN;

/// <summary>Sequences, lists and dictionaries of modules and parameters.</summary>
public class ContainerTests
{
    [Fact]
    public void A_sequence_feeds_its_modules_and_disposes_what_lies_between()
    {
        using var sequence = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2, hasBias: false));
        Assert.Equal(["0.weight", "0.bias", "2.weight"], sequence.state_dict().Keys);
        using var x = ones(5, 3);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using var y = sequence.call(x);
        Assert.Equal([5, 2], y.shape);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void An_empty_sequence_gives_its_input()
    {
        using var sequence = nn.Sequential();
        using var x = ones(2);
        using var y = sequence.call(x);
        Assert.NotSame(x, y);
        TensorAssert.Equal(x, y);
    }

    [Fact]
    public void A_sequence_can_be_named_appended_indexed_and_sliced()
    {
        using var sequence = nn.Sequential(("first", nn.Linear(2, 2)), ("second", nn.ReLU()));
        sequence.append(nn.Tanh()).append("last", nn.Sigmoid());
        Assert.Equal(4, sequence.Count);
        Assert.Equal(["first", "second", "2", "last"], sequence.named_children().Select(c => c.name));
        Assert.IsType<ReLU>(sequence[1]);
        Assert.Equal(["second", "2"], sequence[1..^1].named_children().Select(c => c.name));
        Assert.Equal(["first", "second", "2"], sequence[(null, 3)].named_children().Select(c => c.name));
        Assert.Throws<IndexOutOfRangeException>(() => sequence[(0, 5)]);
        sequence.to(float64);
        Assert.Equal(float64, sequence.get_parameter("first.weight")?.dtype ?? sequence.parameters().First().dtype);
    }

    [Fact]
    public void A_list_registers_its_modules_by_index()
    {
        using var holder = new Holder();
        Assert.Equal(["list.0.weight", "list.1.weight", "dict.b.weight", "dict.a.weight", "parameters.0", "parameters.1", "named.y", "named.x"], holder.state_dict().Keys);
    }

    [Fact]
    public void A_module_list_is_a_list()
    {
        using Linear a = nn.Linear(1, 1), b = nn.Linear(2, 2), c = nn.Linear(3, 3);
        var list = nn.ModuleList(a, b);
        list.append(c);
        list.Insert(0, c);
        Assert.Equal([c, a, b, c], list);
        Assert.True(list.Remove(c));
        list.RemoveAt(0);
        list.extend([a]);
        Assert.Equal(2, list.IndexOf(a));
        Assert.Contains(b, list);
        list.Clear();
        Assert.Empty(list);
    }

    [Fact]
    public void A_module_dict_keeps_the_order_of_its_keys()
    {
        using Linear a = nn.Linear(1, 1), b = nn.Linear(2, 2);
        var dict = nn.ModuleDict<Linear>(("z", a));
        dict.Add("y", b);
        Assert.Equal(["z", "y"], dict.Keys);
        Assert.Same(b, dict["y"]);
        Assert.Equal(("z", a), dict[0]);
        Assert.True(dict.ContainsKey("z") && dict.TryGetValue("y", out var found) && found == b);
        Assert.Throws<ArgumentException>(() => dict.Add("z", b));
        Assert.True(dict.Remove("z"));
        Assert.Equal([b], dict.Values);
    }

    [Fact]
    public void Lists_and_dicts_of_parameters_move()
    {
        using var list = nn.ParameterList(new Parameter(ones(2)), new Parameter(ones(3)));
        list.to(float64);
        Assert.All(list, p => Assert.Equal(float64, p.dtype));
        Assert.Equal([3], list.get_parameter("1")!.shape);
        Assert.False(list.has_parameter("2"));
        using var dict = nn.ParameterDict(("a", new Parameter(ones(2))));
        dict.to(float64);
        Assert.Equal(float64, dict["a"].dtype);
        Assert.Equal(float64, dict.get_parameter("a")!.dtype);
    }

    private sealed class Holder : nn.Module
    {
        private readonly ModuleList<Linear> list = nn.ModuleList(nn.Linear(2, 2, hasBias: false), nn.Linear(2, 2, hasBias: false));
        private readonly ModuleDict<Linear> dict = nn.ModuleDict(("b", nn.Linear(2, 2, hasBias: false)), ("a", nn.Linear(2, 2, hasBias: false)));
        private readonly ParameterList parameters_ = nn.ParameterList(new Parameter(ones(2)), new Parameter(ones(2)));
        private readonly ParameterDict named = nn.ParameterDict(("y", new Parameter(ones(2))), ("x", new Parameter(ones(2))));

        public Holder() : base(nameof(Holder))
        {
            register_module("list", list);
            register_module("dict", dict);
            register_module("parameters", parameters_);
            register_module("named", named);
        }
    }
}
