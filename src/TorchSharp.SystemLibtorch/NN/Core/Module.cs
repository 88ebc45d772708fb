using System.Reflection;
using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>The base class of all modules: named parameters, buffers and submodules in order of registration.</summary>
        public partial class Module : IDisposable
        {
            protected OrderedDict<string, Module> _internal_submodules = new();
            protected OrderedDict<string, (Tensor, bool)> _internal_buffers = new();
            protected OrderedDict<string, Parameter> _internal_params = new();
            protected DeviceType _deviceType = DeviceType.CPU;
            protected int _deviceIndex = -1;
            protected string name;

            // Null once disposed. TorchSharp's own field has this name, so that no component of a subclass may take it.
            private object handle = new();
            private bool _areComponentsRegistered;
            private bool _isTraining = true;

            protected Module(string name) => this.name = name;

            internal bool IsInvalid => handle is null;

            ~Module() => Dispose(false);

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing || IsInvalid) return;
                foreach (var (_, (buffer, _)) in _internal_buffers) buffer.DetachFromDisposeScope().Dispose();
                foreach (var (_, parameter) in _internal_params) parameter.DetachFromDisposeScope().Dispose();
                foreach (var (_, child) in named_children()) child.Dispose();
                handle = null;
            }

            public virtual string GetName() => string.IsNullOrEmpty(name) ? GetType().Name : name;

            /// <summary>Whether the module is in training mode, as it is when made.</summary>
            public virtual bool training => _isTraining;

            public virtual void train(bool train = true)
            {
                _isTraining = train;
                foreach (var (_, child) in named_children()) child.train(train);
            }

            public virtual void eval() => train(false);

            /// <summary>Calls <paramref name="fn"/> on every submodule, the deepest first, then on this one.</summary>
            public virtual Module apply(Action<Module> fn)
            {
                foreach (var (_, child) in _internal_submodules) child.apply(fn);
                fn(this);
                return this;
            }

            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (var parameter in parameters())
                {
                    using var grad = parameter.grad;
                    if (grad is null) continue;
                    if (set_to_none) parameter.grad = null;
                    else grad.zero_();
                }
            }

            /// <summary>
            /// Registers what the fields of this class and its bases hold (a module, a parameter, else a tensor as a
            /// persistent buffer) under the field's component name. Null fields and names already taken are passed over.
            /// </summary>
            protected virtual void RegisterComponents()
            {
                if (_areComponentsRegistered) return;
                foreach (var field in ComponentFields())
                {
                    var key = field.ComponentName();
                    if (_internal_submodules.ContainsKey(key) || _internal_params.ContainsKey(key) || _internal_buffers.ContainsKey(key)) continue;
                    switch (field.GetValue(this))
                    {
                        case Module module: register_module(key, module); break;
                        case Parameter parameter: register_parameter(key, parameter); break;
                        case Tensor tensor: register_buffer(key, tensor); break;
                    }
                }
                _areComponentsRegistered = true;
            }

            /// <summary>The instance fields from the most derived class down; of fields that hide each other, the first.</summary>
            private IEnumerable<FieldInfo> ComponentFields()
            {
                var seen = new HashSet<string>();
                for (Type type = GetType(); type is not null && type != typeof(object); type = type.BaseType)
                    foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance))
                        if (seen.Add(field.Name)) yield return field;
            }

            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                if (tensor is null || tensor.IsInvalid)
                    throw new ArgumentNullException(nameof(tensor), $"Buffer '{name}' can't be registered without a tensor.");
                if (!_internal_buffers.TryAdd(name, (tensor, persistent)))
                    throw new InvalidOperationException($"Buffer '{name}' is already registered.");
            }

            public virtual void register_parameter(string name, Parameter param)
            {
                if (param is null || param.IsInvalid)
                    throw new ArgumentNullException(nameof(param), $"Parameter '{name}' can't be registered without a tensor.");
                if (!_internal_params.TryAdd(name, param))
                    throw new InvalidOperationException($"Parameter '{name}' is already registered.");
            }

            public void add_module(string name, Module module) => register_module(name, module);

            /// <summary>Adds a submodule and registers its components; null removes the name.</summary>
            public virtual void register_module(string name, Module submodule)
            {
                if (submodule is null || submodule.IsInvalid)
                {
                    _internal_submodules.Remove(name);
                    return;
                }
                if (string.IsNullOrEmpty(name)) throw new ArgumentException("A module's name can't be empty.", nameof(name));
                if (name.Contains('.')) throw new ArgumentException($"A module's name can't contain a dot: '{name}'.", nameof(name));
                if (_internal_submodules.ContainsKey(name)) throw new InvalidOperationException($"Module '{name}' is already registered.");
                submodule.RegisterComponents();
                _internal_submodules.Add(name, submodule);
            }

            protected void ConditionallyRegisterParameter(string name, Tensor value) => ConditionallyRegisterParameter(name, value as Parameter);

            /// <summary>Sets the parameter of this name, adding it where it is new; null removes it.</summary>
            protected void ConditionallyRegisterParameter(string name, Parameter value)
            {
                if (value is null) _internal_params.Remove(name);
                else _internal_params[name] = value;
            }

            /// <summary>Sets the buffer of this name, adding it where it is new; null removes it.</summary>
            protected void ConditionallyRegisterBuffer(string name, Tensor value, bool persistent = true)
            {
                if (value is null) _internal_buffers.Remove(name);
                else _internal_buffers[name] = (value, persistent);
            }

            protected void ClearModules() => _internal_submodules.clear();

            /// <summary>What the setters of weight properties do: own the new value, free the old one, keep the registration.</summary>
            internal void SetParameter(ref Parameter field, Parameter value, string name)
            {
                if (ReferenceEquals(field, value)) return;
                field?.Dispose();
                value?.DetachFromDisposeScope();
                field = value;
                ConditionallyRegisterParameter(name, value);
            }

            internal void SetBuffer(ref Tensor field, Tensor value, string name)
            {
                if (ReferenceEquals(field, value)) return;
                field?.Dispose();
                field = value?.DetachFromDisposeScope();
                ConditionallyRegisterBuffer(name, field);
            }

            internal static Parameter EmptyParameter(Device device, ScalarType? dtype, params long[] size)
                => new(empty(size, dtype: dtype, device: device));
        }
    }
}
