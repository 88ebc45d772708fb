using ContextAware.Testing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.SystemLibtorch.Tests.NN;

/// <summary>Fillers draw what PyTorch's draw.</summary>
[Collection(nameof(RunAlone))]
public class InitTests
{
    private static readonly Dictionary<string, Func<Tensor, Tensor>> Fillers = new()
    {
        ["uniform"] = t => init.uniform_(t, -2, 3),
        ["normal"] = t => init.normal_(t, 1, 2),
        ["normal_large"] = t => init.normal_(t),
        ["constant"] = t => init.constant_(t, 0.3),
        ["eye"] = init.eye_,
        ["dirac"] = init.dirac_,
        ["xavier_uniform"] = t => init.xavier_uniform_(t, 2),
        ["xavier_normal"] = t => init.xavier_normal_(t),
        ["kaiming_uniform"] = t => init.kaiming_uniform_(t, 0.2),
        ["kaiming_uniform_out"] = t => init.kaiming_uniform_(t, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU),
        ["kaiming_normal"] = t => init.kaiming_normal_(t, nonlinearity: init.NonlinearityType.Tanh),
        ["trunc_normal"] = t => init.trunc_normal_(t, 0.5, 1.5, -1, 1),
        ["orthogonal"] = t => init.orthogonal_(t),
        ["orthogonal_tall"] = t => init.orthogonal_(t, 1.5),
        ["sparse"] = t => init.sparse_(t, 0.4),
        ["dropout"] = t => F.dropout(ones_like(t), 0.3),
        ["dropout2d"] = t => F.dropout2d(ones_like(t), 0.3),
        ["alpha_dropout"] = t => F.alpha_dropout(ones_like(t), 0.3, training: true),
    };

    public static TheoryData<string> Cases => [.. Fillers.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_filler_draws_the_numbers_that_PyTorch_draws(string name)
    {
        PublishedFaults.Skip(name);
        using var scope = NewDisposeScope();
        var golden = new GoldenCase("nn_init.safetensors", name);
        var expected = golden["value"];
        manual_seed(GoldenCase.Seed);
        var actual = Fillers[name](empty(expected.shape));
        ModuleGoldenTests.AssertSame(expected, actual, name);
        ModuleGoldenTests.AssertSame(golden["after"], rand(3), $"the numbers after {name}");
    }

    [Fact]
    public void Fillers_give_back_their_tensor_and_record_no_gradient()
    {
        using var scope = NewDisposeScope();
        var parameter = Parameter(empty(3, 4));
        Assert.Same(parameter, init.xavier_uniform_(parameter));
        Assert.Same(parameter, init.zeros_(parameter));
        Assert.True(parameter.is_leaf);
        TensorAssert.AllZero(parameter);
    }

    [Theory]
    [InlineData(init.NonlinearityType.Linear, 0, 1)]
    [InlineData(init.NonlinearityType.Conv2D, 0, 1)]
    [InlineData(init.NonlinearityType.Sigmoid, 0, 1)]
    [InlineData(init.NonlinearityType.Tanh, 0, 5.0 / 3)]
    [InlineData(init.NonlinearityType.ReLU, 0, 1.4142135623730951)]
    [InlineData(init.NonlinearityType.LeakyReLU, 1, 1)]
    public void A_gain_undoes_what_the_nonlinearity_does(init.NonlinearityType nonlinearity, double parameter, double gain)
        => Assert.Equal(gain, init.calculate_gain(nonlinearity, parameter), 1e-12);

    [Fact]
    public void Fan_in_and_fan_out_count_the_kernel()
    {
        using var weight = empty(4, 3, 2, 5);
        Assert.Equal((30, 40), init.CalculateFanInAndFanOut(weight));
        using var bias = empty(4);
        Assert.Throws<ArgumentException>(() => init.CalculateFanInAndFanOut(bias));
    }
}
