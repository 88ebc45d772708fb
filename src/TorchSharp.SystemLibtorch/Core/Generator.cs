using System;

namespace TorchSharp;

public static unsafe partial class torch
{
    public class Generator : IDisposable
    {
        public IntPtr Handle { get; private set; }
        public Device device { get; private set; }

        public Generator(ulong seed = 0, Device device = null)
        {
            this.device = device ?? CPU;
            nint created;
            Native.Check(Native.bridge_generator_new(seed, (int)this.device.type, this.device.index, &created));
            Handle = created;
        }

        private Generator(nint handle, Device device)
        {
            Handle = handle;
            this.device = device;
        }

        public static Generator Default
        {
            get {
                nint generator;
                Native.Check(Native.bridge_generator_default((int)DeviceType.CPU, -1, &generator));
                return new Generator(generator, CPU);
            }
        }

        public Generator manual_seed(long seed)
        {
            Native.Check(Native.bridge_generator_seed(Handle, (ulong)seed));
            return this;
        }

        public long seed()
        {
            long seed = DateTime.UtcNow.Ticks;
            manual_seed(seed);
            return seed;
        }

        public long initial_seed() => (long)Native.bridge_generator_initial_seed(Handle);

        public Tensor get_state()
        {
            nint state;
            Native.Check(Native.bridge_generator_state(Handle, &state));
            GC.KeepAlive(this);
            return new Tensor(state);
        }

        public void set_state(Tensor value) => Native.Check(Native.bridge_generator_set_state(Handle, value.Handle));

        ~Generator() => Dispose(false);

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (Handle == 0) return;
            Native.bridge_generator_free(Handle);
            Handle = 0;
        }
    }

    public static partial class random
    {
        public static long seed() => Generator.Default.seed();

        public static Generator manual_seed(long seed)
        {
            Native.Check(Native.bridge_manual_seed((ulong)seed));
            return Generator.Default;
        }

        public static long initial_seed() => Generator.Default.initial_seed();
        public static Tensor get_rng_state() => Generator.Default.get_state();
        public static void set_rng_state(Tensor new_state) => Generator.Default.set_state(new_state);
    }

    public static long seed() => random.seed();
    public static Generator manual_seed(long seed) => random.manual_seed(seed);
    public static long initial_seed() => random.initial_seed();
    public static Tensor get_rng_state() => random.get_rng_state();
    public static void set_rng_state(Tensor new_state) => random.set_rng_state(new_state);

    public static unsafe string __version__ => System.Runtime.InteropServices.Marshal.PtrToStringUTF8((nint)Native.bridge_version())!;

    public static int get_num_threads() => Native.bridge_threads();
    public static void set_num_threads(int num) => Native.Check(Native.bridge_set_threads(num));
    public static int get_num_interop_threads() => Native.bridge_interop_threads();
    public static void set_num_interop_threads(int num) => Native.Check(Native.bridge_set_interop_threads(num));
}
