using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // What the `to` extension methods call. A moved parameter is a new one: it is written back through the property
        // of its key, else through the field of its component name.
        public partial class Module
        {
            protected internal virtual Module _to(Device device, ScalarType dtype, bool non_blocking)
            {
                CheckType(dtype);
                if (device.type != DeviceType.CUDA) device = new Device(device.type, -1);
                CheckDevice(device.type);
                _toEpilog(device, dtype, non_blocking);
                return this;
            }

            protected internal virtual Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
            {
                if (deviceType != DeviceType.CUDA) deviceIndex = -1;
                CheckDevice(deviceType);
                if (deviceType != _deviceType || deviceIndex != _deviceIndex) _toEpilog(deviceType, deviceIndex, non_blocking);
                return this;
            }

            protected internal virtual Module _to(ScalarType dtype, bool non_blocking)
            {
                CheckType(dtype);
                _toEpilog(dtype, non_blocking);
                return this;
            }

            public Module _to(Tensor other, bool non_blocking)
            {
                _to(other.dtype, non_blocking);
                return _to(other.device_type, other.device_index, non_blocking);
            }

            protected void _toEpilog(ScalarType dtype, bool non_blocking) => _toEpilog(dtype, null, non_blocking);

            protected void _toEpilog(Device device, ScalarType dtype, bool non_blocking) => _toEpilog((ScalarType?)dtype, device, non_blocking);

            protected void _toEpilog(DeviceType deviceType, int deviceIndex, bool non_blocking)
                => _toEpilog(null, new Device(deviceType, deviceIndex), non_blocking);

            protected virtual void _toEpilog(ScalarType? dtype, Device device, bool non_blocking)
            {
                foreach (var (_, child) in named_children())
                {
                    if (device is null) child._to(dtype.Value, non_blocking);
                    else if (dtype is null) child._to(device.type, device.index, non_blocking);
                    else child._to(device, dtype.Value, non_blocking);
                }

                // Both throw where two components share a name, as TorchSharp does.
                var fields = ComponentFields().ToDictionary(field => field.ComponentName());
                var properties = GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).ToDictionary(property => property.Name);

                foreach (var (key, parameter) in named_parameters(false).ToList())
                {
                    if (!ReplaceParameter(dtype, device, parameter, out var moved)) continue;
                    if (properties.TryGetValue(key, out var property))
                    {
                        property.SetValue(this, moved);
                        continue;
                    }
                    parameter.Dispose();
                    ConditionallyRegisterParameter(key, moved);
                    if (fields.TryGetValue(key, out var field)) field.SetValue(this, moved);
                }

                foreach (var (key, buffer) in named_buffers(false).ToList())
                {
                    if (!ReplaceBuffer(dtype, device, buffer, out var moved)) continue;
                    if (properties.TryGetValue(key, out var property))
                    {
                        property.SetValue(this, moved);
                        continue;
                    }
                    ConditionallyRegisterBuffer(key, moved);
                    if (fields.TryGetValue(key, out var field)) field.SetValue(this, moved);
                }

                if (device is not null) (_deviceType, _deviceIndex) = (device.type, device.index);
                OnMoved();
            }

            /// <summary>Called when parameters and buffers have come to another place or type.</summary>
            private protected virtual void OnMoved()
            {
            }

            protected static bool ReplaceBuffer(ScalarType? dtype, Device device, Tensor buffer, out Tensor result)
            {
                result = null;
                if (!Moves(buffer, dtype, device, out var type, out var target)) return false;
                result = buffer.to(type, target, disposeAfter: true).DetachFromDisposeScope();
                return true;
            }

            protected static bool ReplaceParameter(ScalarType? dtype, Device device, Parameter param, out Parameter p)
            {
                p = null;
                using var grad = param.grad;
                if (!Moves(param, dtype, device, out var type, out var target) && (grad is null || !Moves(grad, dtype, device, out _, out _)))
                    return false;
                using (no_grad())
                {
                    p = new Parameter(param.to(type, target), param.requires_grad);
                    p.DetachFromDisposeScope();
                    if (grad is not null) p.grad = grad.to(type, target).with_requires_grad(grad.requires_grad);
                }
                return true;
            }

            /// <summary>Whether a tensor changes type or place; only floating point and complex tensors change type.</summary>
            private static bool Moves(Tensor tensor, ScalarType? dtype, Device device, out ScalarType type, out Device target)
            {
                var (own, place) = (tensor.dtype, tensor.device);
                type = dtype is not null && IsFloatingOrComplex(own) ? dtype.Value : own;
                target = device ?? place;
                return type != own || target.type != place.type || (target.index >= 0 && target.index != place.index);
            }

            private static bool IsFloatingOrComplex(ScalarType type) => type is ScalarType.Float16 or ScalarType.BFloat16
                or ScalarType.Float32 or ScalarType.Float64 or ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64;

            private static void CheckType(ScalarType dtype)
            {
                if (!IsFloatingOrComplex(dtype))
                    throw new ArgumentException($"A module takes floating point or complex types, not {dtype}.", nameof(dtype));
            }

            private static void CheckDevice(DeviceType type)
            {
                if (type == DeviceType.CUDA && !cuda.is_available()) throw new InvalidOperationException("CUDA is not available.");
            }

            protected static (Device device, ScalarType dtype) GetDefaultDeviceAndType(Device device = null, ScalarType? dtype = null)
                => (device ?? get_default_device(), dtype ?? get_default_dtype());
        }
    }
}
