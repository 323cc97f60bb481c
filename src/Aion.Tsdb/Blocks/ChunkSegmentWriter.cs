using System.Globalization;
using Aion.Storage;

namespace Aion.Tsdb;

/// <summary>
/// Writes chunks into segment files <c>000001</c>, <c>000002</c> … of a limited size (format notes F-5). Not thread-safe.
/// </summary>
internal sealed class ChunkSegmentWriter(string directory, long segmentLimitBytes) : IDisposable
{
    /// <summary>Longest length field a chunk is reckoned with.</summary>
    private const int MaxLengthBytes = 5;

    private const int BufferBytes = 256 * 1024;

    private ChecksummedWriter? _file;
    private int _segments;
    private long _finishedBytes;

    /// <summary>Writes the chunks of one series and returns the reference of each.</summary>
    public ulong[] Write(IReadOnlyList<Chunk> chunks)
    {
        var references = new ulong[chunks.Count];
        // Chunks handed over together are reckoned at their worst size, as Prometheus does, so that files are cut at the same chunk.
        long reckoned = _file?.Position ?? 0;
        for (var i = 0; i < chunks.Count; i++)
        {
            long worst = MaxLengthBytes + 1L + chunks[i].Data.Length + sizeof(uint);
            reckoned += worst;
            if (_file is null || (reckoned > segmentLimitBytes && _file.Position > ChunkRecord.SegmentHeaderBytes))
            {
                Cut();
                reckoned = ChunkRecord.SegmentHeaderBytes + worst;
            }

            references[i] = ChunkMeta.RefOf(_segments - 1, _file!.Position);
            _file.WriteUVarint((ulong)chunks[i].Data.Length);
            _file.StartChecksum();
            _file.WriteByte((byte)chunks[i].Encoding);
            _file.Write(chunks[i].Data.Span);
            _file.WriteChecksum();
        }

        return references;
    }

    /// <summary>Writes whole records of one series as they are; fills in the reference of each.</summary>
    public void Write(ReadOnlySpan<StoredChunk> chunks, Span<ulong> references)
    {
        long reckoned = _file?.Position ?? 0;
        for (var i = 0; i < chunks.Length; i++)
        {
            ReadOnlySpan<byte> record = chunks[i].Record.Span;
            long worst = MaxLengthBytes + 1L + ChunkRecord.DataLengthOf(record) + sizeof(uint);
            reckoned += worst;
            if (_file is null || (reckoned > segmentLimitBytes && _file.Position > ChunkRecord.SegmentHeaderBytes))
            {
                Cut();
                reckoned = ChunkRecord.SegmentHeaderBytes + worst;
            }

            references[i] = ChunkMeta.RefOf(_segments - 1, _file!.Position);
            _file.Write(record);
        }
    }

    /// <summary>Is told the path of each segment when it is whole and on the disk.</summary>
    public Action<string>? Finished { get; set; }

    /// <summary>Bytes of all segments so far.</summary>
    public long SizeBytes => _finishedBytes + (_file?.Position ?? 0);

    public void Complete()
    {
        if (_file is null) return;
        _finishedBytes += _file.Position;
        _file.FlushToDisk();
        _file.Dispose();
        _file = null;
        Finished?.Invoke(PathOf(_segments));
    }

    public void Dispose() => _file?.Dispose();

    private string PathOf(int segment) => Path.Combine(directory, segment.ToString("D6", CultureInfo.InvariantCulture));

    private void Cut()
    {
        Complete();
        _segments++;
        _file = new ChecksummedWriter(new FileStream(PathOf(_segments), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0), BufferBytes);
        _file.WriteUInt32(ChunkRecord.SegmentMagic);
        _file.WriteByte(ChunkRecord.SegmentVersion);
        _file.Write([0, 0, 0]);
    }
}
