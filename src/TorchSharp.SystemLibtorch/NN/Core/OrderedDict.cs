using System.Collections;

namespace TorchSharp.Utils;

/// <summary>A dictionary that keeps the order in which its keys were added.</summary>
public class OrderedDict<TKey, TValue> : IDictionary<TKey, TValue>, IList<(TKey, TValue)>
{
    private readonly List<(TKey, TValue)> _list = [];
    private readonly Dictionary<TKey, TValue> _dict = [];

    public int Count => _list.Count;

    public bool IsReadOnly => false;

    public ICollection<TKey> Keys => [.. keys()];

    public ICollection<TValue> Values => [.. values()];

    public IEnumerable<TKey> keys() => _list.Select(item => item.Item1);

    public IEnumerable<TValue> values() => _list.Select(item => item.Item2);

    public IEnumerator<(TKey, TValue)> items() => _list.GetEnumerator();

    public (TKey, TValue) this[int index]
    {
        get => _list[index];
        set
        {
            if (!Same(_list[index].Item1, value.Item1))
            {
                if (_dict.ContainsKey(value.Item1)) throw new ArgumentException($"The key {value.Item1} is taken.", nameof(value));
                _dict.Remove(_list[index].Item1);
            }
            _list[index] = value;
            _dict[value.Item1] = value.Item2;
        }
    }

    public TValue this[TKey key]
    {
        get => _dict[key];
        set
        {
            var index = Find(key);
            if (index < 0) Add(key, value);
            else this[index] = (key, value);
        }
    }

    public void Add(TKey key, TValue value)
    {
        _dict.Add(key, value);
        _list.Add((key, value));
    }

    public void Add((TKey, TValue) item) => Add(item.Item1, item.Item2);

    public void Add(KeyValuePair<TKey, TValue> item) => Add(item.Key, item.Value);

    public void Insert(int index, (TKey, TValue) item)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)index, (uint)Count, nameof(index));
        _dict.Add(item.Item1, item.Item2);
        _list.Insert(index, item);
    }

    public bool ContainsKey(TKey key) => _dict.ContainsKey(key);

    public bool Contains((TKey, TValue) item) => _list.Contains(item);

    public bool Contains(KeyValuePair<TKey, TValue> item) => Contains((item.Key, item.Value));

    public bool TryGetValue(TKey key, out TValue value) => _dict.TryGetValue(key, out value);

    public int IndexOf((TKey, TValue) item) => _list.IndexOf(item);

    public void RemoveAt(int index)
    {
        _dict.Remove(_list[index].Item1);
        _list.RemoveAt(index);
    }

    public bool Remove(TKey key)
    {
        if (!_dict.Remove(key)) return false;
        _list.RemoveAt(Find(key));
        return true;
    }

    public bool Remove((TKey, TValue) item) => Contains(item) && Remove(item.Item1);

    public bool Remove(KeyValuePair<TKey, TValue> item) => Remove((item.Key, item.Value));

    public void Clear() => clear();

    public void clear()
    {
        _list.Clear();
        _dict.Clear();
    }

    public void CopyTo((TKey, TValue)[] array, int arrayIndex) => _list.CopyTo(array, arrayIndex);

    public void CopyTo(KeyValuePair<TKey, TValue>[] array, int arrayIndex) => Pairs().ToList().CopyTo(array, arrayIndex);

    public IEnumerator<(TKey, TValue)> GetEnumerator() => _list.GetEnumerator();

    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() => Pairs().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private IEnumerable<KeyValuePair<TKey, TValue>> Pairs() => _list.Select(item => KeyValuePair.Create(item.Item1, item.Item2));

    private int Find(TKey key) => _list.FindIndex(item => Same(item.Item1, key));

    private static bool Same(TKey a, TKey b) => EqualityComparer<TKey>.Default.Equals(a, b);
}

internal static class OrderedDictExtensions
{
    internal static bool TryAdd<TKey, TValue>(this OrderedDict<TKey, TValue> dict, TKey key, TValue value)
    {
        if (dict.ContainsKey(key)) return false;
        dict.Add(key, value);
        return true;
    }
}
