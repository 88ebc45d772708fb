namespace ContextAware.Models.Tests;

public class SmokeTest
{
    [Fact]
    public void True() => Assert.Equal(3, TorchSharp.torch.ones(3).sum().item<float>());
}
