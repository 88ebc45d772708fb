using System.Collections;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A list of parameters, named by their index.</summary>
public class ParameterList : nn.Module, IList<Parameter>
{
    private readonly List<Parameter> _list = [];
    private bool _registered;

    public ParameterList(params Parameter[] parameters) : base(nameof(ParameterList)) => _list.AddRange(parameters ?? []);

    protected override void RegisterComponents()
    {
        if (_registered) return;
        for (int i = 0; i < _list.Count; i++) register_parameter($"{i}", _list[i]);
        _registered = true;
    }

    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
        => _list.Select((parameter, i) => ($"{i}", parameter));

    public override bool has_parameter(string target) => get_parameter(target) is not null;

    public override Parameter get_parameter(string target)
        => int.TryParse(target, out var index) && (uint)index < (uint)_list.Count ? _list[index] : null;

    protected override void _toEpilog(ScalarType? dtype, Device device, bool non_blocking)
    {
        for (int i = 0; i < _list.Count; i++)
        {
            if (!ReplaceParameter(dtype, device, _list[i], out var moved)) continue;
            _list[i].Dispose();
            _list[i] = moved;
            if (_registered) ConditionallyRegisterParameter($"{i}", moved);
        }
        if (device is not null) (_deviceType, _deviceIndex) = (device.type, device.index);
    }

    public int Count => _list.Count;

    public bool IsReadOnly => false;

    public Parameter this[int index]
    {
        get => _list[index];
        set => _list[index] = value;
    }

    public void Add(Parameter item) => _list.Add(item);

    public void append(params Parameter[] parameters) => _list.AddRange(parameters ?? []);

    public void extend(IEnumerable<Parameter> parameters) => _list.AddRange(parameters);

    public void Insert(int index, Parameter item) => _list.Insert(index, item);

    public bool Contains(Parameter item) => _list.Contains(item);

    public int IndexOf(Parameter item) => _list.IndexOf(item);

    public bool Remove(Parameter item) => _list.Remove(item);

    public void RemoveAt(int index) => _list.RemoveAt(index);

    public void Clear() => _list.Clear();

    public void CopyTo(Parameter[] array, int arrayIndex) => _list.CopyTo(array, arrayIndex);

    public IEnumerator<Parameter> GetEnumerator() => _list.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
