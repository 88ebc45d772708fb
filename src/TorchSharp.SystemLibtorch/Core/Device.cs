using System;

namespace TorchSharp;

public enum DeviceType
{
    CPU = 0, CUDA = 1, MKLDNN = 2, OPENGL = 3, OPENCL = 4, IDEEP = 5, HIP = 6, FPGA = 7, MSNPU = 8, XLA = 9, MPS = 13, META = 14,
}

public static partial class torch
{
    public class Device
    {
        public DeviceType type { get; private set; }
        public int index { get; private set; } = -1;

        /// <summary>"cpu", "cuda", "cuda:1".</summary>
        public Device(string description)
        {
            string[] parts = description.Split(':');
            if (parts.Length > 2) return;
            type = Parse(parts[0]);
            if (parts.Length == 2) index = int.Parse(parts[1]);
        }

        public Device(string deviceType, int index = -1) : this(Parse(deviceType), index) { }

        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = index;
        }

        public Device(int index) : this(DeviceType.CUDA, index) { }

        private static DeviceType Parse(string name) => (DeviceType)Enum.Parse(typeof(DeviceType), name.ToUpperInvariant());

        public override string ToString()
        {
            string name = type.ToString().ToLowerInvariant();
            return type == DeviceType.CPU || index == -1 ? name : $"{name}:{index}";
        }

        public static implicit operator Device(string description) => new(description);
    }

    public static readonly Device CPU = InitializeDevice(new Device(DeviceType.CPU));
    public static readonly Device META = InitializeDevice(new Device(DeviceType.META));
    public static Device CUDA => InitializeDevice(new Device(DeviceType.CUDA));
    public static Device MPS => InitializeDevice(new Device(DeviceType.MPS));

    public static Device device(string description) => InitializeDevice(new Device(description));
    public static Device device(string deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));
    public static Device device(DeviceType deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));
    public static Device device(int index) => new(index);

    public static Device InitializeDevice(Device device)
    {
        device ??= CPU;
        InitializeDeviceType(device.type);
        return device;
    }

    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (deviceType is not (DeviceType.CPU or DeviceType.META) && Native.bridge_device_count((int)deviceType) == 0)
            throw new InvalidOperationException($"Torch device type {deviceType} did not initialise on the current machine. Trace from LoadNativeBackend: libtorch has no such device here.");
    }

    public static bool TryInitializeDeviceType(DeviceType deviceType) =>
        deviceType is DeviceType.CPU or DeviceType.META || Native.bridge_device_count((int)deviceType) > 0;

    public static class cuda
    {
        public static bool is_available() => TryInitializeDeviceType(DeviceType.CUDA);
        public static int device_count() => Native.bridge_device_count((int)DeviceType.CUDA);
        public static bool is_cudnn_available() => Native.Check(Native.bridge_has_cudnn()) != 0;
        public static void manual_seed(long seed) => Native.Check(Native.bridge_cuda_seed((ulong)seed, 0));
        public static void manual_seed_all(long seed) => Native.Check(Native.bridge_cuda_seed((ulong)seed, 1));
        public static void synchronize(Device device = null)
        {
            InitializeDeviceType(DeviceType.CUDA);
            Native.Check(Native.bridge_cuda_synchronize(device?.index ?? -1));
        }
    }

    public static partial class backends
    {
        public static partial class cuda
        {
            public static class matmul
            {
                public static bool allow_tf32 { get => Native.bridge_allow_tf32(0) != 0; set => Native.Check(Native.bridge_set_allow_tf32(0, value ? 1 : 0)); }
            }
        }

        public static class cudnn
        {
            public static bool allow_tf32 { get => Native.bridge_allow_tf32(1) != 0; set => Native.Check(Native.bridge_set_allow_tf32(1, value ? 1 : 0)); }
        }
    }
}
