using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Misuse;

public class DisposeScopeMisuseTests
{
    [Fact]
    public void A_tensor_moved_to_the_scope_that_it_is_in_stays_there()
    {
        Assert.SkipWhen(Provider.IsPublished, "TorchSharp 0.107 takes it out of its scope.");
        Tensor first, second;
        using (NewDisposeScope())
        {
            (first, second) = (ones(1), ones(1));
            first.MoveToOtherDisposeScope(second);
        }

        Assert.True(first.IsInvalid);
        Assert.True(second.IsInvalid);
    }

    [Fact]
    public void A_tensor_can_not_be_moved_to_a_scope_that_is_gone()
    {
        Assert.SkipWhen(Provider.IsPublished, "TorchSharp 0.107 moves it, and nobody disposes it.");
        var gone = NewDisposeScope();
        gone.Dispose();
        using var scope = NewDisposeScope();
        var tensor = ones(1);
        Assert.Throws<ObjectDisposedException>(() => tensor.MoveToOtherDisposeScope(gone));
        Assert.True(scope.Contains(tensor));
    }
}
