namespace Aion.Tsdb;

/// <summary>Collects bytes in order, in memory as long as they are few, then in a file that goes when it is closed. Not thread-safe.</summary>
internal sealed class SpillBuffer(string path) : IDisposable
{
    private const int MemoryBytes = 1 << 20;

    private byte[] _buffer = new byte[4096];
    private int _buffered;
    private FileStream? _file;

    public long Length { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_buffered + bytes.Length > _buffer.Length) MakeRoom(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_buffered));
        _buffered += bytes.Length;
        Length += bytes.Length;
    }

    public void CopyTo(ChecksummedWriter output)
    {
        if (_file is not null)
        {
            var piece = new byte[64 * 1024];
            _file.Position = 0;
            for (int read = _file.Read(piece); read > 0; read = _file.Read(piece)) output.Write(piece.AsSpan(0, read));
        }

        output.Write(_buffer.AsSpan(0, _buffered));
    }

    public void Dispose() => _file?.Dispose();

    private void MakeRoom(int bytes)
    {
        if (_buffered + bytes > MemoryBytes)
        {
            _file ??= new FileStream(
                path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            _file.Write(_buffer, 0, _buffered);
            _buffered = 0;
        }

        if (_buffered + bytes > _buffer.Length) Array.Resize(ref _buffer, Math.Max(_buffered + bytes, _buffer.Length * 2));
    }
}
