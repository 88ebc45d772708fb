using static TorchSharp.torch;

namespace ContextAware.Masking;

/// <summary>Everything is visible.</summary>
internal sealed class NoMask : AttentionMask
{
    internal override string Name => "None";

    internal override bool SeesOwnPosition => true;

    internal override bool ShowsAll(in MaskRegion whole) => true;

    internal override Tensor? Build(in MaskRegion region) => null;

    internal override bool MayHideAll(long queryLength, long keyLength) => keyLength == 0;
}
