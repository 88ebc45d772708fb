using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A module of one input without parameters or buffers: it has nothing to move.</summary>
public abstract class ParameterLessModule<T1, TResult> : nn.Module<T1, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name) { }

    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) => this;

    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) => this;

    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) => this;

    public override void register_buffer(string name, Tensor tensor, bool persistent = true)
        => throw new InvalidOperationException($"A parameterless module can't have the buffer '{name}'.");

    public override void register_parameter(string name, Parameter param)
        => throw new InvalidOperationException($"A parameterless module can't have the parameter '{name}'.");

    public override void register_module(string name, nn.Module submodule)
    {
        if (submodule is not IParameterLessModule)
            throw new InvalidOperationException($"A parameterless module can't have the module '{name}', which isn't parameterless.");
        base.register_module(name, submodule);
    }
}

/// <summary>A module of two inputs without parameters or buffers: it has nothing to move.</summary>
public abstract class ParameterLessModule<T1, T2, TResult> : nn.Module<T1, T2, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name) { }

    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) => this;

    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) => this;

    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) => this;

    public override void register_buffer(string name, Tensor tensor, bool persistent = true)
        => throw new InvalidOperationException($"A parameterless module can't have the buffer '{name}'.");

    public override void register_parameter(string name, Parameter param)
        => throw new InvalidOperationException($"A parameterless module can't have the parameter '{name}'.");

    public override void register_module(string name, nn.Module submodule)
    {
        if (submodule is not IParameterLessModule)
            throw new InvalidOperationException($"A parameterless module can't have the module '{name}', which isn't parameterless.");
        base.register_module(name, submodule);
    }
}
