using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace Aion.Tsdb;

/// <summary>
/// A read-only file in memory. Owns the view: every access goes through bounds-checked memory that refuses use after <see cref="Dispose"/>.
/// The bytes must not be in use while it is disposed; owners count their readers (see <see cref="BlockReader"/>). Thread-safe for reading.
/// </summary>
public sealed unsafe class MappedFile : IDisposable
{
    // Memory<byte> holds int lengths: windows of almost 2 GiB, one starting at every GiB, reach every slice of up to 1 GiB.
    private const int WindowShift = 30;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly Window[] _windows;
    private int _disposed;

    private MappedFile(string path, MemoryMappedFile file, long length)
    {
        Path = path;
        Length = length;
        _file = file;
        _view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        start += _view.PointerOffset;
        _windows = new Window[((length - 1) >> WindowShift) + 1];
        for (var i = 0; i < _windows.Length; i++)
        {
            long offset = (long)i << WindowShift;
            _windows[i] = new Window(this, start + offset, (int)Math.Min(length - offset, int.MaxValue));
        }
    }

    public string Path { get; }

    public long Length { get; }

    /// <exception cref="TsdbCorruptionException">The file is empty.</exception>
    /// <exception cref="IOException">The file can't be opened.</exception>
    public static MappedFile Open(string path) => Open(path, FileShare.Read | FileShare.Delete);

    /// <param name="share">What others may do with the file meanwhile; what is written later is not seen beyond today's length.</param>
    internal static MappedFile Open(string path, FileShare share)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, share, bufferSize: 0);
        long length = stream.Length;
        if (length == 0) throw new TsdbCorruptionException(path, 0, "the file is empty");
        MemoryMappedFile file = MemoryMappedFile.CreateFromFile(
            stream, null, length, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        try
        {
            return new MappedFile(path, file, length);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Bytes of the file, at most 1 GiB at once.</summary>
    /// <exception cref="TsdbCorruptionException">The range is not inside the file.</exception>
    public ReadOnlyMemory<byte> Slice(long offset, long length)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        if (offset < 0 || length < 0 || offset > Length - length)
            throw new TsdbCorruptionException(Path, offset, $"{length} bytes are wanted of a file of {Length}");
        if (length > 1 << WindowShift)
            throw new TsdbCorruptionException(Path, offset, $"{length} bytes in one piece: more than 1 GiB is not supported");
        if (length == 0) return default;
        return _windows[offset >> WindowShift].Memory.Slice((int)(offset & ((1 << WindowShift) - 1)), (int)length);
    }

    /// <summary>The bytes from an offset on, cut at <paramref name="most"/>; empty at the end of the file.</summary>
    public ReadOnlyMemory<byte> SliceFrom(long offset, long most) =>
        offset >= 0 && offset <= Length ? Slice(offset, Math.Min(most, Length - offset)) : Slice(offset, 0);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private sealed class Window(MappedFile owner, byte* start, int length) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan()
        {
            ObjectDisposedException.ThrowIf(owner._disposed != 0, owner);
            return new Span<byte>(start, length);
        }

        public override MemoryHandle Pin(int elementIndex = 0)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)length);
            return new MemoryHandle(start + elementIndex);
        }

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
