using ContextAware.Masking;
using static TorchSharp.torch;

namespace ContextAware.Tests.Catalog;

/// <summary>Another mask, counting how often it is made.</summary>
internal sealed class CountingMask(AttentionMask inner) : AttentionMask
{
    internal int Builds { get; private set; }

    internal override string Name => inner.Name;

    internal override bool NarrowsKeys => inner.NarrowsKeys;

    internal override void Check(in MaskRegion region) => inner.Check(region);

    internal override (long Start, long End) VisibleKeys(in MaskRegion region) => inner.VisibleKeys(region);

    internal override Tensor? Build(in MaskRegion region)
    {
        Builds++;
        return inner.Build(region);
    }
}
