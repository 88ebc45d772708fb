using ContextAware.Testing;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Optim;

[Collection(nameof(RunAlone))]
public class TrainingLoopTests
{
    [Fact]
    public void A_thousand_steps_learn_and_leave_tensors_and_memory_as_they_were()
    {
        manual_seed(1);
        using var model = nn.Sequential(("in", nn.Linear(8, 64)), ("act", nn.Tanh()), ("out", nn.Linear(64, 1)));
        using var optimizer = optim.Adam(model.parameters(), 1e-2);
        using var loss = nn.MSELoss();
        using var inputs = randn(256, 8);
        using var targets = inputs.sin().sum(1, keepdim: true);
        List<double> losses = [];
        LeakCheck.Memory(
            () =>
            {
                using var scope = NewDisposeScope();
                optimizer.zero_grad();
                var error = loss.call(model.call(inputs), targets);
                error.backward();
                optimizer.step();
                losses.Add(error.ToDouble());
            },
            repetitions: 1000,
            boundMegabytes: 32); // one activation kept a step would make 64
        Assert.True(losses[^1] < 0.01 * losses[0], $"The loss went from {losses[0]} to {losses[^1]}.");
    }
}
