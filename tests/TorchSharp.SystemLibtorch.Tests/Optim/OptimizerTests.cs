using ContextAware.Testing;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Optim;

public class OptimizerTests
{
    private static readonly Dictionary<string, Func<IEnumerable<Parameter>, OptimizerHelper>> s_optimizers = new()
    {
        ["SGD"] = p => optim.SGD(p, 0.1, momentum: 0.9),
        ["Adam"] = p => optim.Adam(p, 0.1),
        ["Adam, highest"] = p => optim.Adam(p, 0.1, amsgrad: true),
        ["AdamW"] = p => optim.AdamW(p, 0.1, weight_decay: 0.1),
        ["Adagrad"] = p => optim.Adagrad(p, 0.1, lr_decay: 0.1),
        ["RMSProp"] = p => optim.RMSProp(p, 0.1, momentum: 0.5, centered: true),
    };

    public static TheoryData<string> Names => [.. s_optimizers.Keys];

    public static TheoryData<string, Action<Parameter[]>> WrongValues => new()
    {
        { "SGD rate", p => optim.SGD(p, -1) },
        { "SGD momentum", p => optim.SGD(p, 1, momentum: -1) },
        { "SGD decay", p => optim.SGD(p, 1, weight_decay: -1) },
        { "SGD Nesterov without momentum", p => optim.SGD(p, 1, nesterov: true) },
        { "SGD Nesterov with dampening", p => optim.SGD(p, 1, momentum: 0.9, dampening: 0.1, nesterov: true) },
        { "Adam rate", p => optim.Adam(p, -1) },
        { "Adam beta1", p => optim.Adam(p, beta1: 1) },
        { "Adam beta2", p => optim.Adam(p, beta2: -0.1) },
        { "Adam epsilon", p => optim.Adam(p, eps: -1) },
        { "AdamW decay", p => optim.AdamW(p, weight_decay: -1) },
        { "Adagrad decay of the rate", p => optim.Adagrad(p, lr_decay: -1) },
        { "Adagrad start", p => optim.Adagrad(p, initial_accumulator_value: -1) },
        { "RMSProp alpha", p => optim.RMSProp(p, alpha: -1) },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_copy_of_the_state_goes_on_as_the_original(string name) =>
        GoesOn(name, (original, copy) => copy.load_state_dict(original.state_dict()));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_saved_state_goes_on_as_the_original(string name) => GoesOn(name, (original, copy) =>
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        original.save_state_dict(writer);
        stream.Position = 0;
        using var reader = new BinaryReader(stream);
        copy.load_state_dict(reader);
        Assert.Equal(stream.Length, stream.Position);
    });

    [Fact]
    public void The_state_of_another_optimizer_is_refused()
    {
        using var scope = NewDisposeScope();
        using var adam = optim.Adam([new Parameter(ones(2))]);
        using var sgd = optim.SGD([new Parameter(ones(2))], 0.1);
        using var two = optim.Adam([new Parameter(ones(2)), new Parameter(ones(2))]);
        using var stream = new MemoryStream();
        adam.save_state_dict(new BinaryWriter(stream));
        stream.Position = 0;
        Assert.Throws<InvalidDataException>(() => sgd.load_state_dict(new BinaryReader(stream)));
        Assert.Throws<ArgumentException>(() => two.load_state_dict(adam.state_dict()));
    }

    [Fact]
    public void Gradients_are_filled_with_zeros_and_missing_ones_stay_missing()
    {
        using var scope = NewDisposeScope();
        Parameter[] parameters = [new(ones(2)), new(ones(2))];
        using var optimizer = optim.SGD(parameters, 0.1);
        parameters[0].sum().backward();
        optimizer.zero_grad();
        TensorAssert.AllZero(parameters[0].grad!);
        Assert.Null(parameters[1].grad);
    }

    [Fact]
    public void A_closure_gives_gradients_and_the_loss_even_where_gradients_are_off()
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var parameter = new Parameter(tensor([3f, 3f]));
        using var optimizer = optim.SGD([parameter], 0.5);
        Assert.Null(optimizer.step());
        var loss = optimizer.step(() =>
        {
            var sum = parameter.square().sum();
            sum.backward();
            return sum;
        });
        Assert.Equal(18, loss.ToDouble());
        TensorAssert.AllZero(parameter);
    }

    [Fact]
    public void A_group_takes_the_options_that_it_leaves_open_from_the_optimizer()
    {
        using var scope = NewDisposeScope();
        using var optimizer = optim.Adam([new Adam.ParamGroup([new Parameter(ones(1))], new Adam.Options { beta1 = 0.5 })], lr: 0.3, beta2: 0.7);
        var later = new Adam.ParamGroup { Parameters = [new Parameter(ones(1))] };
        optimizer.add_param_group(later);
        var first = (Adam.ParamGroup)optimizer.ParamGroups.First();
        Assert.Equal((0.5, 0.7), first.Betas);
        Assert.Equal((0.9, 0.7), later.Betas);
        Assert.All(optimizer.ParamGroups, group => Assert.Equal((0.3, 0.3), (group.LearningRate, group.InitialLearningRate)));
        Assert.Equal(2, optimizer.parameters().Count());
    }

    [Fact]
    public void A_rate_that_is_changed_is_that_of_the_next_step()
    {
        using var scope = NewDisposeScope();
        var parameter = new Parameter(zeros(1));
        using var optimizer = optim.SGD([("weight", parameter)], 1);
        parameter.sum().backward();
        optimizer.step();
        optimizer.ParamGroups.First().LearningRate = 10;
        optimizer.step();
        Assert.Equal(-11, parameter.ToDouble());
    }

    [Theory]
    [MemberData(nameof(WrongValues))]
    public void A_wrong_value_is_refused(string what, Action<Parameter[]> make)
    {
        using var parameter = new Parameter(ones(1));
        Assert.True(Record.Exception(() => make([parameter])) is ArgumentException, what);
    }

    [Fact]
    public void A_parameter_in_two_groups_is_refused()
    {
        Assert.SkipWhen(Provider.IsPublished, "TorchSharp 0.107 steps it twice.");
        using var parameter = new Parameter(ones(1));
        Assert.Throws<ArgumentException>(() => optim.Adam([new Adam.ParamGroup([parameter]), new Adam.ParamGroup([parameter])]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Disposing_frees_the_state_and_steps_leave_nothing_behind(string name)
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var parameter = new Parameter(ones(3)))
        {
            using (var optimizer = s_optimizers[name]([parameter]))
                LeakCheck.Tensors(() =>
                {
                    using var scope = NewDisposeScope();
                    optimizer.zero_grad();
                    parameter.square().sum().backward();
                    optimizer.step();
                });
            parameter.grad?.Dispose();
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static void GoesOn(string name, Action<OptimizerHelper, OptimizerHelper> transfer)
    {
        using var scope = NewDisposeScope();
        var make = s_optimizers[name];
        Parameter first = new(arange(1f, 4f)), second = new(zeros(3));
        using var original = make([first]);
        using var copy = make([second]);
        Train(original, first, 3);
        // RMSProp and SGD of TorchSharp copy state that steps have made, so the copy steps once.
        Train(copy, second, 1);
        transfer(original, copy);
        using (no_grad())
            second.copy_(first);
        Train(original, first, 3);
        Train(copy, second, 3);
        TensorAssert.Equal(first, second);
    }

    private static void Train(OptimizerHelper optimizer, Parameter parameter, int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            optimizer.zero_grad();
            (parameter.sin() * (parameter + 2)).sum().backward();
            optimizer.step();
        }
    }
}
