using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>The parameters, each once, those of this module before those of its submodules.</summary>
            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
                foreach (var (key, parameter) in _internal_params)
                    if (!parameter.IsInvalid && seen.Add(parameter)) yield return (key, parameter);
                if (!recurse) yield break;
                foreach (var (child, module) in _internal_submodules)
                    foreach (var (key, parameter) in module.named_parameters())
                        if (seen.Add(parameter)) yield return ($"{child}.{key}", parameter);
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(p => p.parameter);

            /// <summary>The persistent buffers, each once. As in TorchSharp, the others never show.</summary>
            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
                foreach (var (key, (buffer, persistent)) in _internal_buffers)
                    if (persistent && !buffer.IsInvalid && seen.Add(buffer)) yield return (key, buffer);
                if (!recurse) yield break;
                foreach (var (child, module) in _internal_submodules)
                    foreach (var (key, buffer) in module.named_buffers(true, include_nonpersistent))
                        if (seen.Add(buffer)) yield return ($"{child}.{key}", buffer);
            }

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true)
                => named_buffers(recurse, include_nonpersistent).Select(b => b.buffer);

            public virtual IEnumerable<(string name, Module module)> named_children() => _internal_submodules;

            public virtual IEnumerable<Module> children() => named_children().Select(c => c.module);

            /// <summary>All submodules below this one: first the children, then what is below each of them.</summary>
            public virtual IEnumerable<(string name, Module module)> named_modules() => NamedModules(_internal_submodules);

            internal static IEnumerable<(string name, Module module)> NamedModules(IEnumerable<(string name, Module module)> children)
            {
                foreach (var child in children) yield return child;
                foreach (var (child, module) in children)
                    foreach (var (key, descendant) in module.named_modules()) yield return ($"{child}.{key}", descendant);
            }

            public virtual IEnumerable<Module> modules() => named_modules().Select(m => m.module);

            public virtual bool has_parameter(string target)
                => _internal_params.ContainsKey(target) || Owners(target).Any(o => o.module.has_parameter(o.rest));

            public virtual bool has_buffer(string target)
                => _internal_buffers.ContainsKey(target) || Owners(target).Any(o => o.module.has_buffer(o.rest));

            public virtual Parameter get_parameter(string target)
                => _internal_params.TryGetValue(target, out var parameter)
                    ? parameter
                    : Owners(target).Select(o => o.module.get_parameter(o.rest)).FirstOrDefault(p => p is not null);

            public virtual Tensor get_buffer(string target)
                => _internal_buffers.TryGetValue(target, out var buffer)
                    ? buffer.Item1
                    : Owners(target).Select(o => o.module.get_buffer(o.rest)).FirstOrDefault(b => b is not null);

            /// <summary>The child that a dotted name begins with, and the rest of the name.</summary>
            private IEnumerable<(Module module, string rest)> Owners(string target)
            {
                var dot = target.IndexOf('.', StringComparison.Ordinal);
                return dot < 0 ? [] : named_children().Where(c => c.name == target[..dot]).Select(c => (c.module, target[(dot + 1)..]));
            }
        }
    }
}
