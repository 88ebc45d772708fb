using ContextAware.Attention;
using ContextAware.Masking;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Tests.Attention;

public class AttentionPlannerTests
{
    private static readonly AttentionWorkload Large = new() { Batch = 4, Heads = 8, QueryLength = 1024, KeyLength = 1024, HasFusedKernel = true, HasTiles = false };

    [Fact]
    public void Weights_are_never_asked_of_the_fused_kernel()
    {
        foreach (var gradient in new[] { false, true })
        {
            foreach (var device in new[] { DeviceType.CPU, DeviceType.CUDA })
            {
                var plan = AttentionPlanner.Plan(Large with { NeedWeights = true, NeedGradient = gradient, Device = device });
                Assert.Equal(device == DeviceType.CPU && !gradient ? AttentionPath.Blocks : AttentionPath.Explicit, plan.Path);
                Assert.Contains("weights", plan.Reason);
            }
        }
    }

    [Fact]
    public void Training_on_the_CPU_goes_by_blocks()
    {
        var plan = AttentionPlanner.Plan(Large with { NeedGradient = true });
        Assert.Equal(AttentionPath.Blocks, plan.Path);
        Assert.Contains("backward", plan.Reason);
    }

    [Theory]
    [InlineData(true, false, AttentionPath.Fused)]
    [InlineData(true, true, AttentionPath.Blocks)]
    [InlineData(false, false, AttentionPath.Blocks)]
    public void A_GPU_uses_its_kernel_unless_there_is_a_softcap_or_no_kernel(bool kernel, bool softcap, AttentionPath expected) =>
        Assert.Equal(expected, AttentionPlanner.Plan(Large with { Device = DeviceType.CUDA, HasFusedKernel = kernel, Softcap = softcap, NeedGradient = true }).Path);

    [Fact]
    public void Few_scores_take_the_fewest_calls() =>
        Assert.Equal(AttentionPath.Explicit, AttentionPlanner.Plan(Large with { QueryLength = 1 }).Path);

    [Theory]
    [InlineData(128, true, true, AttentionPath.Explicit)]      // 8 MiB of scores
    [InlineData(129, true, true, AttentionPath.Blocks)]
    [InlineData(128, false, false, AttentionPath.Explicit)]
    [InlineData(128, false, true, AttentionPath.Fused)]
    public void Blocks_are_for_scores_that_no_cache_holds(long batch, bool gradient, bool kernel, AttentionPath expected) =>
        Assert.Equal(expected, AttentionPlanner.Plan(new() { Batch = batch, Heads = 1, QueryLength = 128, KeyLength = 128, NeedGradient = gradient, HasFusedKernel = kernel, HasTiles = false }).Path);

    [Fact]
    public void Blocks_that_skip_keys_win_sooner() =>
        Assert.Equal(AttentionPath.Blocks, AttentionPlanner.Plan(new() { Batch = 128, Heads = 1, QueryLength = 128, KeyLength = 128, SkipsKeys = true, HasFusedKernel = false, HasTiles = false }).Path);

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(1024, true)]
    public void Loops_over_tiles_beat_all_but_a_fused_kernel_for_many_scores(long queries, bool gradient)
    {
        var workload = Large with { HasTiles = true, QueryLength = queries, NeedGradient = gradient };
        Check(AttentionPath.Blocks, workload);
        Check(AttentionPath.Blocks, workload with { HasFusedKernel = false });
        Check(gradient ? AttentionPath.Explicit : AttentionPath.Blocks, workload with { NeedWeights = true });
        Check(AttentionPath.Blocks, workload with { Type = ScalarType.BFloat16 });
        Check(AttentionPlanner.Plan(workload with { Type = ScalarType.Float64, HasTiles = false }).Path, workload with { Type = ScalarType.Float64 });
        Check(AttentionPlanner.Plan(workload with { Softcap = true, HasTiles = false }).Path, workload with { Softcap = true });
        Check(AttentionPath.Fused, Large with { HasTiles = true });

        static void Check(AttentionPath expected, AttentionWorkload workload) => Assert.Equal(expected, AttentionPlanner.Plan(workload).Path);
    }

    [Fact]
    public void A_bias_that_needs_a_gradient_has_no_tiles() =>
        Assert.Equal(AttentionPath.Explicit, AttentionPlanner.Plan(Large with { HasTiles = true, QueryLength = 1, NeedGradient = true, BiasNeedsGradient = true }).Path);

    [Fact]
    public void A_call_can_be_explained_without_being_made()
    {
        using var scope = NewDisposeScope();
        var x = zeros(4, 8, 1024, 16).requires_grad_();
        var plan = AttentionFunctions.Explain(x, x, x, new() { Mask = AttentionMask.Causal });
        Assert.Equal(AttentionPath.Blocks, plan.Path);
        Assert.Equal(new(AttentionPath.Fused, "it was asked for"), AttentionFunctions.Explain(x, x, x, new() { Path = AttentionPath.Fused }));
        using (no_grad())
            Assert.NotEqual(AttentionPath.Explicit, AttentionFunctions.Explain(x, x, x).Path);
    }
}
