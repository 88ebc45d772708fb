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

    internal override IEnumerable<Tensor> Tensors => terms.SelectMany(term => term.Tensors);

    internal override AttentionMask Over(Queue<Tensor> tensors) => new CombinedMask([.. terms.Select(term => term.Over(tensors))]);

    internal override AttentionMask StandingAt(Tensor offsets) => new CombinedMask(Array.ConvertAll(terms, term => term.StandingAt(offsets)));

    internal override AttentionMask WithoutFirst(long count, long keyLength) =>
        new CombinedMask(Array.ConvertAll(terms, term => term.WithoutFirst(count, keyLength)));

    internal override MaskSize KnownSize
    {
        get
        {
            MaskSize[] known = [.. terms.Select(term => term.KnownSize)];
            return new(Common(size => size.Batch), Common(size => size.Heads), Common(size => size.QueryLength), Common(size => size.KeyLength));

            // A 1 serves all: it gives way to a size, and to any.
            long Common(Func<MaskSize, long> length) => known.Select(length).Where(size => size != 1).DefaultIfEmpty(1).Max();
        }
    }

    internal override long LikelyKeys => terms.Max(term => term.LikelyKeys);

    internal override bool SeesOwnPosition => terms.All(term => term.SeesOwnPosition);

    internal override bool NarrowsKeys => terms.Any(term => term.NarrowsKeys);

    internal override bool ShowsAll(in MaskRegion whole)
    {
        foreach (var term in terms)
        {
            if (!term.ShowsAll(whole))
                return false;
        }
        return true;
    }

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
