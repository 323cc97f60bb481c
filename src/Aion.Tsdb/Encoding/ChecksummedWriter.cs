using System.Buffers.Binary;

namespace Aion.Tsdb;

/// <summary>Writes a file forward through a buffer, keeping the position and, where wanted, a running CRC-32C. Not thread-safe.</summary>
internal sealed class ChecksummedWriter(Stream stream, int bufferBytes = 64 * 1024) : IDisposable
{
    private readonly byte[] _buffer = new byte[bufferBytes];
    private int _buffered;
    private int _checksummedTo;
    private uint _checksum;
    private bool _checksumming;

    /// <summary>Bytes written so far.</summary>
    public long Position { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_buffered == _buffer.Length) FlushBuffer();
            int part = Math.Min(bytes.Length, _buffer.Length - _buffered);
            bytes[..part].CopyTo(_buffer.AsSpan(_buffered));
            _buffered += part;
            Position += part;
            bytes = bytes[part..];
        }
    }

    public void WriteByte(byte value) => Write([value]);

    public void WriteUInt32(uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        Write(bytes);
    }

    public void WriteUVarint(ulong value)
    {
        Span<byte> bytes = stackalloc byte[Varint.MaxBytes];
        Write(bytes[..Varint.WriteUVarint(bytes, value)]);
    }

    public void WriteText(ReadOnlySpan<byte> text)
    {
        WriteUVarint((ulong)text.Length);
        Write(text);
    }

    public void PadTo(int alignment)
    {
        while (Position % alignment != 0) WriteByte(0);
    }

    /// <summary>Starts a checksum over what is written from here on.</summary>
    public void StartChecksum()
    {
        _checksum = 0;
        _checksumming = true;
        _checksummedTo = _buffered;
    }

    /// <summary>Writes the checksum of everything since <see cref="StartChecksum"/>.</summary>
    public void WriteChecksum()
    {
        TakeChecksum();
        _checksumming = false;
        WriteUInt32(_checksum);
    }

    /// <summary>Hands everything to the operating system, for others to read.</summary>
    public void Flush()
    {
        FlushBuffer();
        stream.Flush();
    }

    /// <summary>Hands everything to the disk.</summary>
    public void FlushToDisk()
    {
        FlushBuffer();
        if (stream is FileStream file) file.Flush(flushToDisk: true);
        else stream.Flush();
    }

    public void Dispose() => stream.Dispose();

    private void FlushBuffer()
    {
        TakeChecksum();
        stream.Write(_buffer, 0, _buffered);
        _buffered = 0;
        _checksummedTo = 0;
    }

    private void TakeChecksum()
    {
        if (!_checksumming) return;
        _checksum = Crc32C.Append(_checksum, _buffer.AsSpan(_checksummedTo, _buffered - _checksummedTo));
        _checksummedTo = _buffered;
    }
}
