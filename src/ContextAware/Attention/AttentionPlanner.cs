using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>Chooses the path for scaled dot-product attention. Pure: the same workload gives the same plan.</summary>
public static class AttentionPlanner
{
    /// <summary>Up to here the number of calls counts, not the memory they touch.</summary>
    private const long SmallScoreBytes = 1 << 20;

    /// <summary>Up to here whole scores lie in a cache as well as blocks of them do, forward and backward.</summary>
    private const long CachedScoreBytes = 8 << 20;

    /// <summary>Chooses, and says why.</summary>
    public static AttentionPlan Plan(AttentionWorkload workload)
    {
        ArgumentNullException.ThrowIfNull(workload);
        if (workload.ScoreBytes == 0)
            return new(AttentionPath.Explicit, "there is nothing to compute");
        if (workload.NeedWeights)
            return WithWeights(workload);
        return workload.Device == DeviceType.CPU ? OnCpu(workload) : OnDevice(workload);
    }

    private static AttentionPlan WithWeights(AttentionWorkload workload)
    {
        if (workload.NeedGradient)
            return new(AttentionPath.Explicit, "the weights are asked for, and only the explicit path can differentiate them");
        if (Tiles(workload))
            return new(AttentionPath.Blocks, "loops over tiles that stay in the caches are the fastest");
        return workload.Device == DeviceType.CPU && workload.ScoreBytes > CachedScoreBytes
            ? new(AttentionPath.Blocks, "the weights are asked for, which the fused kernel doesn't have, and the scores are many")
            : new(AttentionPath.Explicit, "the weights are asked for, which the fused kernel doesn't have");
    }

    private static AttentionPlan OnDevice(AttentionWorkload workload)
    {
        if (!workload.Softcap && workload.HasFusedKernel)
            return new(AttentionPath.Fused, $"the kernel for {workload.Device} is the fastest in both directions");
        return workload.ScoreBytes <= CachedScoreBytes
            ? new(AttentionPath.Explicit, "the scores are few, so the fewest calls win")
            : new(AttentionPath.Blocks, workload.Softcap ? "the fused kernel has no softcap, and the scores are many" : "this libtorch has no fused kernel, and the scores are many");
    }

    /// <summary>Whether the steps over whole scores are the fastest on the CPU.</summary>
    private static bool AreFew(AttentionWorkload workload)
    {
        if (workload.ScoreBytes <= SmallScoreBytes || workload.ScoreBytes > CachedScoreBytes)
            return workload.ScoreBytes <= SmallScoreBytes;
        var skips = workload.SkipsKeys && !workload.Triangle;
        var isHalf = workload.Type is ScalarType.Float16 or ScalarType.BFloat16;
        var fusedIsFaster = workload.HasFusedKernel && !workload.NeedGradient && !workload.Softcap && !isHalf;
        return !skips && !fusedIsFaster;
    }

    /// <summary>Whether blocks go by loops of ours.</summary>
    private static bool Tiles(AttentionWorkload workload) =>
        workload.HasTiles && workload.Device == DeviceType.CPU && workload.Type != ScalarType.Float64
        && !workload.Softcap && !(workload.NeedGradient && workload.BiasNeedsGradient);

    private static AttentionPlan OnCpu(AttentionWorkload workload)
    {
        var fusedIsFaster = workload.HasFusedKernel && !workload.NeedGradient && workload.ScoreBytes > CachedScoreBytes && workload.Type == ScalarType.Float32
            && (!workload.SkipsKeys || workload.Triangle);
        if (Tiles(workload) && !fusedIsFaster)
            return new(AttentionPath.Blocks, "loops over tiles that stay in the caches are the fastest");
        if (AreFew(workload))
            return new(AttentionPath.Explicit, "the scores are few, so the fewest calls win");
        if (workload.NeedGradient)
            return new(AttentionPath.Blocks, "the backward pass of the fused kernel is slow on the CPU");
        if (!workload.HasFusedKernel)
            return new(AttentionPath.Blocks, "this libtorch has no fused kernel, and the scores are many");
        if (workload.Softcap)
            return new(AttentionPath.Blocks, "the fused kernel has no softcap");
        if (workload.Type is ScalarType.Float16 or ScalarType.BFloat16)
            return new(AttentionPath.Blocks, "half precision is computed in float32 on the CPU");
        if (workload.SkipsKeys && !workload.Triangle)
            return new(AttentionPath.Blocks, "blocks skip the keys that the mask hides, which the fused kernel doesn't");
        return new(AttentionPath.Fused, "the fused kernel is the fastest forward pass");
    }
}
