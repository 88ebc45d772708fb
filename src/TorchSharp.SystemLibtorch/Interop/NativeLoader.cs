using System;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace TorchSharp;

/// <summary>Finds and loads the native bridge, after setting what libtorch's libraries read when they are loaded.</summary>
internal static class NativeLoader
{
    public const string LibraryName = "libtorch_bridge";

    public static void Install() => NativeLibrary.SetDllImportResolver(typeof(NativeLoader).Assembly, Resolve);

    private static nint loaded;

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != LibraryName) return 0;
        if (loaded != 0) return loaded;
        SetEnvironment();
        string file = Path.Combine(AppContext.BaseDirectory, LibraryName + ".so");
        if (!File.Exists(file))
            throw new DllNotFoundException($"The native bridge to libtorch is missing: {file}. Build it with ./build.sh build (or: dotnet build -p:TorchProvider=System).");
        try {
            return loaded = NativeLibrary.Load(file);
        } catch (DllNotFoundException e) {
            throw new DllNotFoundException($"{file} can't be loaded. Is libtorch installed (Debian: apt-get install libtorch-dev), or was the bridge built for another one? Run ./build.sh setup, then ./build.sh build. The loader said: {e.Message}", e);
        }
    }

    private static void SetEnvironment()
    {
        // OpenBLAS 0.3.21 picks kernels for CPUs with avx512_bf16 that are four times slower than these.
        if (Avx512F.IsSupported && Avx512BW.IsSupported) SetUnlessSet("OPENBLAS_CORETYPE", "SkylakeX");
        // OpenBLAS's threads go on looking for work for 2^26 cycles after a product, while OpenMP's want the same cores for
        // the operation that follows: on two cores that doubled the time of whole attention layers. Sleep after 2^10.
        SetUnlessSet("OPENBLAS_THREAD_TIMEOUT", "10");
        // Debian's libtorch starts with one thread.
        SetUnlessSet("OMP_NUM_THREADS", Environment.ProcessorCount.ToString());
        // GCC's OpenMP spins for milliseconds at each barrier. Where another program has the core, the thread that is
        // waited for can't run: small operations became over ten times slower on a busy machine. Spin for microseconds.
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OMP_WAIT_POLICY"))) SetUnlessSet("GOMP_SPINCOUNT", "1000");
    }

    /// <summary>Sets the process's native environment; .NET's own copy isn't seen by native code.</summary>
    private static void SetUnlessSet(string name, string value)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name))) _ = setenv(name, value, 1);
    }

    [DllImport("libc", CharSet = CharSet.Ansi)] private static extern int setenv(string name, string value, int overwrite);
}
