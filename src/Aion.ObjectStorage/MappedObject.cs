using System.Buffers;
using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Aion.ObjectStorage;

/// <summary>
/// The bytes of a stored object where they lie, so that reading copies nothing. Immutable, thread-safe. The memory stays mapped while
/// anybody holds this object or a slice of it, whatever becomes of the object in the bucket; nobody has to end it.
/// </summary>
public sealed unsafe class MappedObject
{
    // Memory<byte> has int lengths: windows of almost 2 GiB, one starting at every GiB, reach every slice of up to 1 GiB.
    private const int WindowShift = 30;
    private const long MaxSliceBytes = 1L << WindowShift;

    private readonly SafeMemoryMappedViewHandle _view;
    private readonly byte* _start;
    private readonly ReadOnlyMemory<byte>[] _windows;

    private MappedObject(MemoryMappedViewAccessor view, long length)
    {
        // No reference is counted on the handle: whoever can reach the bytes reaches it too, and its finalizer unmaps them after the last.
        _view = view.SafeMemoryMappedViewHandle;
        _start = (byte*)_view.DangerousGetHandle() + view.PointerOffset;
        Length = length;
        _windows = new ReadOnlyMemory<byte>[((length - 1) >> WindowShift) + 1];
        for (var i = 0; i < _windows.Length; i++)
        {
            long offset = (long)i << WindowShift;
            _windows[i] = new Window(this, offset, (int)Math.Min(length - offset, int.MaxValue)).Memory;
        }
    }

    public long Length { get; }

    /// <summary>Bytes <c>[offset, offset + length)</c>, fewer where the object ends, and at most 1 GiB.</summary>
    public ReadOnlyMemory<byte> Slice(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        length = Math.Min(Math.Min(length, MaxSliceBytes), Length - offset);
        return length <= 0 ? default : _windows[offset >> WindowShift].Slice((int)(offset & (MaxSliceBytes - 1)), (int)length);
    }

    /// <summary>The same as a span, which is to be used only while this object can be reached.</summary>
    public ReadOnlySpan<byte> Span(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        length = Math.Min(Math.Min(length, MaxSliceBytes), Length - offset);
        return length <= 0 ? default : new ReadOnlySpan<byte>(_start + offset, (int)length);
    }

    /// <summary>
    /// Says that the bytes will not be read again soon: they stop counting as memory of this process. Reading them all the same is allowed
    /// and costs a page fault.
    /// </summary>
    public void Forget(long offset, long length)
    {
        long from = Math.Clamp(offset, 0, Length), to = Math.Clamp(offset + length, from, Length);
        if (to > from && OperatingSystem.IsLinux()) Posix.DropMappedPages(_start + from, to - from);
        GC.KeepAlive(_view);
    }

    /// <summary>Null where the file must not be mapped: it is empty, no plain file, or not on a file system of this machine.</summary>
    /// <exception cref="IOException">The system does not map the file.</exception>
    internal static MappedObject? Open(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        if (!stream.CanSeek || !LocalFiles.Holds(stream.SafeFileHandle, path)) return null;
        long length = stream.Length;
        if (length == 0) return null;
        using MemoryMappedFile file = MemoryMappedFile.CreateFromFile(
            stream, null, length, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        return new MappedObject(file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read), length);
    }

    private sealed class Window(MappedObject owner, long offset, int length) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => new(owner._start + offset, length);

        public override MemoryHandle Pin(int elementIndex = 0)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)length);
            return new MemoryHandle(owner._start + offset + elementIndex, default, this);
        }

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
