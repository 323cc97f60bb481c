using Microsoft.Win32.SafeHandles;

namespace Aion.Tsdb;

/// <summary>
/// The chunk segment files of a block for reading forward in large pieces, where mapping would hold the whole block in memory.
/// Thread-safe.
/// </summary>
public sealed class ChunkSegmentFiles : IDisposable
{
    private readonly List<SafeFileHandle> _handles = [];
    private readonly List<long> _lengths = [];
    private readonly List<string> _paths = [];

    private ChunkSegmentFiles()
    {
    }

    public int Count => _handles.Count;

    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    /// <exception cref="TsdbCorruptionException">A file's header is damaged.</exception>
    public static ChunkSegmentFiles Open(string directory)
    {
        var files = new ChunkSegmentFiles();
        try
        {
            foreach (string path in ChunkSegments.SegmentPaths(directory)) files.Add(path);
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    public long LengthOf(int segment) => _lengths[segment];

    public string PathOf(int segment) => _paths[segment];

    /// <summary>Fills the span, or as much of it as there is; returns how much.</summary>
    public int Read(int segment, long offset, Span<byte> into)
    {
        var filled = 0;
        while (filled < into.Length)
        {
            int read = RandomAccess.Read(_handles[segment], into[filled..], offset + filled);
            if (read == 0) break;
            filled += read;
        }

        return filled;
    }

    public void Dispose()
    {
        foreach (SafeFileHandle handle in _handles) handle.Dispose();
    }

    private void Add(string path)
    {
        SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        _handles.Add(handle);
        _lengths.Add(RandomAccess.GetLength(handle));
        _paths.Add(path);
        Span<byte> head = stackalloc byte[ChunkRecord.SegmentHeaderBytes];
        try
        {
            ChunkRecord.CheckSegmentHeader(head[..Read(_handles.Count - 1, 0, head)]);
        }
        catch (TsdbCorruptionException e) when (e.Path.Length == 0)
        {
            throw e.In(path, 0);
        }
    }
}
