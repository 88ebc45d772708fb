using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Masking;

/// <summary>What several masks allow together.</summary>
internal sealed class CombinedMask : AttentionMask
{
    private readonly AttentionMask[] terms;

    private CombinedMask(AttentionMask[] terms) => this.terms = terms;

    /// <summary>Flattens, and leaves out what says nothing or says the same again.</summary>
    internal static AttentionMask Of(AttentionMask left, AttentionMask right)
    {
        AttentionMask[] terms = [.. Terms(left).Concat(Terms(right)).Where(term => term is not NoMask).Distinct()];
        return terms.Length switch
        {
            0 => None,
            1 => terms[0],
            _ => new CombinedMask(terms),
        };
    }

    internal override string Name => string.Join(" & ", terms.Select(term => term.Name));

    /// <summary>Tensors set the sizes; where one has a single row or batch, another's count.</summary>
    internal override MaskSize DrawnSize
    {
        get
        {
            var fixedSizes = terms.Select(term => (term.DrawnSize, Symbolic: term.SeesOwnPosition || term is CausalMask)).ToList();
            var sizes = fixedSizes.Where(item => !item.Symbolic).Select(item => item.DrawnSize).DefaultIfEmpty(terms[0].DrawnSize).ToList();
            var keys = sizes.Max(size => size.KeyLength);
            var queries = sizes.Max(size => size.QueryLength);
            if (queries == 1 && fixedSizes.Any(item => item.Symbolic))
                queries = keys;
            return new(sizes.Max(size => size.Batch), sizes.Max(size => size.Heads), queries, keys);
        }
    }

    internal override bool SeesOwnPosition => terms.All(term => term.SeesOwnPosition);

    internal override void Check(in MaskRegion region)
    {
        foreach (var term in terms)
            term.Check(region);
    }

    internal override Tensor? Build(in MaskRegion region)
    {
        Tensor? all = null;
        foreach (var term in terms)
        {
            var allowed = term.Build(region);
            all = all is null ? allowed : allowed is null ? all : all.logical_and(allowed);
        }
        return all;
    }

    internal override (long Start, long End) VisibleKeys(in MaskRegion region)
    {
        var (start, end) = (0L, region.KeyLength);
        foreach (var term in terms)
        {
            var (from, to) = term.VisibleKeys(region);
            (start, end) = (Math.Max(start, from), Math.Min(end, to));
        }
        return (start, Math.Max(start, end));
    }

    private static AttentionMask[] Terms(AttentionMask mask) => mask is CombinedMask combined ? combined.terms : [mask];
}
