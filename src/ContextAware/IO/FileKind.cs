using System.Runtime.InteropServices;
using System.Text;

namespace ContextAware.IO;

/// <summary>Tells files from what has the name of a file and is none. .NET sees no difference.</summary>
internal static unsafe class FileKind
{
    // <linux/stat.h>: struct statx, its mode, and the bits of that which say what it is.
    private const int StatxSize = 256;
    private const int ModeOffset = 28;
    private const int KindMask = 0xF000;
    private const int RegularFile = 0x8000;
    private const int Folder = 0x4000;
    private const uint Type = 1;

    // <fcntl.h>
    private const int CurrentFolder = -100;

    /// <summary>Whether a path is that of a device, a pipe or a socket. Only Linux is asked; elsewhere nothing is known of any.</summary>
    /// <param name="path">Links are followed. Nothing need be there.</param>
    internal static bool IsSpecial(string path)
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libc.so.6", out var libc) || !NativeLibrary.TryGetExport(libc, "statx", out var address))
            return false;
        var statx = (delegate* unmanaged<int, byte*, int, uint, byte*, int>)address;
        var result = stackalloc byte[StatxSize];
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            if (statx(CurrentFolder, name, 0, Type, result) != 0) return false;
        }

        return (*(ushort*)(result + ModeOffset) & KindMask) is not (RegularFile or Folder);
    }
}
