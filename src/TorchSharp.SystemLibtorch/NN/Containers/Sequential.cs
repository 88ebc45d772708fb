using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Modules that feed one another. Results in between are disposed as soon as they are used.</summary>
public class Sequential : nn.Module<Tensor, Tensor>
{
    // Names may repeat; the state dict then keeps the first.
    private readonly List<(string name, nn.IModule<Tensor, Tensor> module)> _modules = [];

    protected internal Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules) : base(nameof(Sequential))
    {
        foreach (var (name, module) in modules) append(name, module);
    }

    protected internal Sequential(params nn.Module<Tensor, Tensor>[] modules) : base(nameof(Sequential))
    {
        foreach (var module in modules) append(module);
    }

    public int Count => _modules.Count;

    public Sequential append(nn.IModule<Tensor, Tensor> module) => append($"{Count}", module);

    public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
    {
        ArgumentNullException.ThrowIfNull(module);
        _modules.Add((name, module));
        return this;
    }

    public override Tensor forward(Tensor tensor)
    {
        if (Count == 0) return tensor.alias();
        var result = _modules[0].module.call(tensor);
        for (int i = 1; i < Count; i++)
        {
            var input = result;
            result = _modules[i].module.call(input);
            input.Dispose();
        }
        return result;
    }

    [IndexerName("SequentialItems")]
    public nn.IModule<Tensor, Tensor> this[int index] => _modules[index].module;

    [IndexerName("SequentialItems")]
    public Sequential this[(int? start, int? end) index] => Slice(index.start ?? 0, index.end ?? Count);

    [IndexerName("SequentialItems")]
    public Sequential this[Range index] => Slice(index.Start.GetOffset(Count), index.End.GetOffset(Count));

    /// <summary>A new sequence over the same modules.</summary>
    private Sequential Slice(int start, int end)
    {
        if (start < 0 || start > Count) throw new IndexOutOfRangeException($"{start} is no index into {Count} modules.");
        if (end < 0 || end > Count) throw new IndexOutOfRangeException($"{end} is no index into {Count} modules.");
        var result = new Sequential(Array.Empty<nn.Module<Tensor, Tensor>>());
        for (int i = start; i < end; i++) result._modules.Add(_modules[i]);
        return result;
    }

    public override IEnumerable<(string name, nn.Module module)> named_children()
        => _modules.Select(item => (item.name, (nn.Module)item.module));

    public override IEnumerable<(string name, nn.Module module)> named_modules() => NamedModules(named_children());

    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
        => recurse ? Below(module => module.named_parameters()) : [];

    public override IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_persistent = true)
        => recurse ? Below(module => module.named_buffers(true, include_persistent)) : [];

    private IEnumerable<(string, TTensor)> Below<TTensor>(Func<nn.Module, IEnumerable<(string, TTensor)>> own) where TTensor : Tensor
    {
        var seen = new HashSet<TTensor>(ReferenceEqualityComparer.Instance);
        foreach (var (child, module) in named_children())
            foreach (var (key, tensor) in own(module))
                if (seen.Add(tensor)) yield return ($"{child}.{key}", tensor);
    }

    public override nn.Module apply(Action<nn.Module> fn)
    {
        foreach (var (_, module) in named_children()) module.apply(fn);
        fn(this);
        return this;
    }

    // The indexers share a name, so the general way of moving (by property name) can't be taken.

    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking)
    {
        foreach (var (_, module) in named_children()) module._to(device, dtype, non_blocking);
        return this;
    }

    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
    {
        foreach (var (_, module) in named_children()) module._to(deviceType, deviceIndex, non_blocking);
        return this;
    }

    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking)
    {
        foreach (var (_, module) in named_children()) module._to(dtype, non_blocking);
        return this;
    }
}
