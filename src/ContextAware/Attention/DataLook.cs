using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Attention;

/// <summary>Decisions that rest on what a tensor holds.</summary>
internal static class DataLook
{
    /// <summary>
    /// What a condition holds. Elsewhere than on the CPU looking would wait for the device, so there the answer is yes:
    /// doing the careful thing costs less.
    /// </summary>
    internal static bool MayBeTrue(Tensor condition) => condition.device_type != DeviceType.CPU || condition.item<bool>();
}
