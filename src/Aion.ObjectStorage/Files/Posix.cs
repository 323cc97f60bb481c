using System.Runtime.InteropServices;

namespace Aion.ObjectStorage;

/// <summary>The calls of the C library that .NET does not offer.</summary>
internal static partial class Posix
{
    private const int ReadOnly = 0;
    private const int NotSupported = 22; // EINVAL: file systems that can't flush a folder.

    private const int NoEntry = 2;
    private const int NotDirectory = 20;

    public static void FlushDirectory(string path)
    {
        int descriptor = Open(path, ReadOnly);
        if (descriptor < 0) throw Failed("open folder", path, Marshal.GetLastPInvokeError());
        int error = Fsync(descriptor) < 0 ? Marshal.GetLastPInvokeError() : 0;
        _ = Close(descriptor);
        if (error is not 0 and not NotSupported) throw Failed("flush folder", path, error);
    }

    public static void HardLink(string existing, string path)
    {
        if (Link(existing, path) < 0) throw Failed("hard link", $"{existing} as {path}", Marshal.GetLastPInvokeError());
    }

    /// <summary>True only when it is sure that nothing has this name; cheap, where opening a file that is not there costs an exception.</summary>
    public static bool IsAbsent(string path) => Access(path, mode: 0) < 0 && Marshal.GetLastPInvokeError() is (NoEntry or NotDirectory);

    private static IOException Failed(string what, string path, int error) => new($"{what} {path}: {Marshal.GetPInvokeErrorMessage(error)}", error);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string path);
}

internal static partial class Windows
{
    public static void HardLink(string existing, string path)
    {
        if (!CreateHardLink(path, existing, 0))
            throw new IOException($"hard link {existing} as {path}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("kernel32.dll", EntryPoint = "CreateHardLinkW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateHardLink(string path, string existing, nint reserved);
}
