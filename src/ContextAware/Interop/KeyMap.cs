using ContextAware.Positions;
using static TorchSharp.torch;

namespace ContextAware.Interop;

/// <summary>
/// How the names and layouts of stored weights become those of a module: steps that run in order, each on the names that
/// the one before left. In a pattern <c>*</c> stands for one part between dots and <c>**</c> for any text, empty too; the
/// replacement has the same wildcards in the same order. A key map never changes: each method returns a longer one.
/// </summary>
/// <example><code>
/// var map = KeyMap.Empty
///     .Rename("model.layers.*.self_attn.**", "layers.*.attention.**")
///     .Transpose("**.c_fc.weight")
///     .Ignore("**.rotary_emb.inv_freq");
/// </code></example>
public sealed class KeyMap
{
    private readonly Action<Dictionary<string, LazyTensor>>[] steps;

    private KeyMap(Action<Dictionary<string, LazyTensor>>[] steps) => this.steps = steps;

    /// <summary>The map that changes nothing.</summary>
    public static KeyMap Empty { get; } = new([]);

    /// <summary>Renames what matches.</summary>
    /// <param name="pattern">Names to change.</param>
    /// <param name="replacement">What they become, with as many wildcards.</param>
    /// <exception cref="ArgumentException">The wildcards differ in number.</exception>
    public KeyMap Rename(string pattern, string replacement)
    {
        var (from, to) = Pair(pattern, replacement, nameof(replacement));
        return Then(weights =>
        {
            var renamed = Matches(weights, from)
                .Select(match => (Name: to.Fill(match.Captures), Tensor: weights[match.Name], Old: match.Name))
                .ToArray();
            foreach (var (_, _, old) in renamed)
                weights.Remove(old);
            foreach (var (name, tensor, _) in renamed)
                Add(weights, name, tensor);
        });
    }

    /// <summary>Stores a tensor under a second name too, as for an output head tied to the embedding.</summary>
    /// <param name="pattern">Names to copy.</param>
    /// <param name="copy">The second name, with as many wildcards.</param>
    /// <exception cref="ArgumentException">The wildcards differ in number.</exception>
    public KeyMap Copy(string pattern, string copy)
    {
        var (from, to) = Pair(pattern, copy, nameof(copy));
        return Then(weights =>
        {
            foreach (var (name, captures) in Matches(weights, from))
                Add(weights, to.Fill(captures), weights[name]);
        });
    }

    /// <summary>Drops what matches, so that it is not reported as unexpected.</summary>
    /// <param name="pattern">Names to drop.</param>
    public KeyMap Ignore(string pattern)
    {
        var from = new KeyPattern(pattern, nameof(pattern));
        return Then(weights =>
        {
            foreach (var (name, _) in Matches(weights, from))
                weights.Remove(name);
        });
    }

    /// <summary>Swaps the two dimensions of matrices, as for the Conv1D layers of GPT-2, which keep [in, out].</summary>
    /// <param name="pattern">Names to transpose.</param>
    public KeyMap Transpose(string pattern)
    {
        var from = new KeyPattern(pattern, nameof(pattern));
        return Then(weights =>
        {
            foreach (var (name, _) in Matches(weights, from))
                weights[name] = weights[name].Transpose(name);
        });
    }

    /// <summary>Orders the rows of rotary projections anew, so that the same pairs of components lie as another layout has them.</summary>
    /// <param name="pattern">Weights [heads·E, D] or biases [heads·E], of queries or keys, in the other one of the two layouts.</param>
    /// <param name="headWidth">E, an even number.</param>
    /// <param name="layout">The layout to come.</param>
    /// <exception cref="ArgumentOutOfRangeException">The width is not positive, or there is no such layout.</exception>
    /// <exception cref="ArgumentException">The width is odd.</exception>
    public KeyMap LayPairs(string pattern, long headWidth, PairLayout layout)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(headWidth);
        if (headWidth % 2 != 0)
            throw new ArgumentException($"Components lie in pairs; {headWidth} is odd.", nameof(headWidth));
        if (!Enum.IsDefined(layout))
            throw new ArgumentOutOfRangeException(nameof(layout), layout, $"Expected a layout that exists, got {layout}.");
        var from = new KeyPattern(pattern, nameof(pattern));
        return Then(weights =>
        {
            foreach (var (name, _) in Matches(weights, from))
                weights[name] = weights[name].LayPairs(name, headWidth, layout);
        });
    }

    /// <summary>Joins tensors along their first dimension, as q, k and v into one packed projection.</summary>
    /// <param name="target">The joined tensor's name, with as many wildcards as each source.</param>
    /// <param name="sources">The parts' names, in order. Where one of them is absent nothing is joined.</param>
    /// <exception cref="ArgumentException">There are no sources, or the wildcards differ in number.</exception>
    public KeyMap Pack(string target, params string[] sources)
    {
        var to = new KeyPattern(target, nameof(target));
        var parts = Patterns(to, sources, nameof(sources));
        return Then(weights =>
        {
            foreach (var (_, captures) in Matches(weights, parts[0]))
            {
                string[] names = [.. parts.Select(part => part.Fill(captures))];
                if (!names.All(weights.ContainsKey))
                    continue;
                var packed = LazyTensor.Stack(to.Fill(captures), [.. names.Select(name => weights[name])]);
                foreach (var name in names)
                    weights.Remove(name);
                Add(weights, to.Fill(captures), packed);
            }
        });
    }

    /// <summary>Cuts a tensor along its first dimension into equal parts, as a packed projection into q, k and v.</summary>
    /// <param name="source">The tensor to cut.</param>
    /// <param name="targets">The parts' names, in order, with as many wildcards.</param>
    /// <exception cref="ArgumentException">There are no targets, or the wildcards differ in number.</exception>
    public KeyMap Split(string source, params string[] targets) => Split(source, Array.ConvertAll(targets, target => (target, 1L)));

    /// <summary>Cuts a tensor along its first dimension into parts of unequal shares, as a packed projection of H query
    /// heads and twice G key-value heads: shares H, G and G.</summary>
    /// <param name="source">The tensor to cut.</param>
    /// <param name="targets">The parts' names, in order, with as many wildcards, and their shares.</param>
    /// <exception cref="ArgumentException">There are no targets, or the wildcards differ in number.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A share is not positive.</exception>
    public KeyMap Split(string source, params (string Target, long Share)[] targets)
    {
        var from = new KeyPattern(source, nameof(source));
        var parts = Patterns(from, Array.ConvertAll(targets, target => target.Target), nameof(targets));
        foreach (var (_, share) in targets)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share, nameof(targets));
        var shares = targets.Sum(target => target.Share);
        return Then(weights =>
        {
            foreach (var (name, captures) in Matches(weights, from))
            {
                weights.Remove(name, out var packed);
                var rows = packed!.Entry.Shape is [var first, ..] ? first : 0;
                if (rows % shares != 0)
                    throw new ArgumentException($"'{name}' of shape {ShapeText.Of(packed.Entry.Shape)} can't be split into {shares} equal parts.");
                var at = 0L;
                for (var i = 0; i < parts.Length; i++)
                {
                    var count = rows / shares * targets[i].Share;
                    Add(weights, parts[i].Fill(captures), packed.Rows(name, at, count));
                    at += count;
                }
            }
        });
    }

    /// <summary>The steps of this map, then those of another.</summary>
    /// <param name="next">The map whose steps come after.</param>
    public KeyMap Then(KeyMap next) => new([.. steps, .. next.steps]);

    /// <summary>A view of weights under their new names. Nothing is read until it is asked for.</summary>
    /// <param name="source">The weights under their old names.</param>
    /// <exception cref="ArgumentException">Two tensors would get one name, or a layout can't be changed as asked.</exception>
    public IWeightSource Apply(IWeightSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var weights = source.Entries.ToDictionary(
            pair => pair.Key, pair => new LazyTensor(pair.Value, () => source.Read(pair.Key)));
        foreach (var step in steps)
            step(weights);
        return new MappedWeights(weights);
    }

    private KeyMap Then(Action<Dictionary<string, LazyTensor>> step) => new([.. steps, step]);

    // A copy, because the steps change the dictionary that they walk.
    private static (string Name, string[] Captures)[] Matches(Dictionary<string, LazyTensor> weights, KeyPattern pattern) =>
        [.. from name in weights.Keys
            let captures = pattern.Match(name)
            where captures is not null
            select (name, captures)];

    private static void Add(Dictionary<string, LazyTensor> weights, string name, LazyTensor tensor)
    {
        if (!weights.TryAdd(name, tensor))
            throw new ArgumentException($"Two tensors would get the name '{name}'.");
    }

    private static (KeyPattern From, KeyPattern To) Pair(string from, string to, string argument)
    {
        var pair = (From: new KeyPattern(from, "pattern"), To: new KeyPattern(to, argument));
        pair.From.RequireSameWildcards(pair.To, argument);
        return pair;
    }

    private static KeyPattern[] Patterns(KeyPattern whole, string[] parts, string argument)
    {
        if (parts.Length == 0)
            throw new ArgumentException("At least one part is needed.", argument);
        KeyPattern[] patterns = [.. parts.Select(part => new KeyPattern(part, argument))];
        foreach (var pattern in patterns)
            whole.RequireSameWildcards(pattern, argument);
        return patterns;
    }

    private sealed class MappedWeights(Dictionary<string, LazyTensor> weights) : IWeightSource
    {
        public IReadOnlyDictionary<string, WeightEntry> Entries { get; } =
            weights.ToDictionary(pair => pair.Key, pair => pair.Value.Entry);

        public Tensor Read(string name, ScalarType? dtype = null, Device? device = null)
        {
            if (!weights.TryGetValue(name, out var tensor))
                throw new KeyNotFoundException($"There is no tensor '{name}'.");
            using var scope = NewDisposeScope();
            var read = tensor.Read();
            return read.to(dtype ?? read.dtype, device ?? read.device).MoveToOuterDisposeScope();
        }
    }
}
