using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace Aion.Hosting;

/// <summary>
/// Body of an API response: holds back the first kilobyte; a body that ends within goes out plain and with its length, a longer one
/// compressed if the client takes gzip.
/// </summary>
internal sealed class ApiResponseStream(HttpContext http, Stream target) : Stream
{
    /// <summary>Smaller bodies are not worth compressing.</summary>
    private const int Threshold = 1024;

    private readonly byte[] _head = new byte[Threshold];
    private readonly CountingStream _counted = new(target);
    private int _headLength;
    private Stream? _body;
    private bool _isComplete;

    /// <summary>Bytes sent, as they are on the wire.</summary>
    public long SentBytes => _counted.Count;

    /// <summary>Whether the handler has written anything that reached this stream.</summary>
    public bool HasBytes => _headLength > 0 || _body is not null;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_body is null)
        {
            if (_headLength + buffer.Length < Threshold)
            {
                buffer.CopyTo(_head.AsMemory(_headLength));
                _headLength += buffer.Length;
                return;
            }

            await OpenAsync(cancellationToken);
        }

        await _body!.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("write asynchronously");

    public override void Flush()
    {
    }

    /// <summary>Sends what was written so far, except a head that is still held back: its form is not decided yet.</summary>
    public override Task FlushAsync(CancellationToken cancellationToken) => _body?.FlushAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>Ends the body. Without it the response is cut off.</summary>
    public async Task CompleteAsync()
    {
        _isComplete = true;
        if (_body is GZipStream zipped)
        {
            await zipped.DisposeAsync();
        }
        else if (_body is null)
        {
            http.Response.Headers.Vary = "Accept-Encoding";
            if (_headLength == 0) return;
            http.Response.ContentLength = _headLength;
            await _counted.WriteAsync(_head.AsMemory(0, _headLength), http.RequestAborted);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (!_isComplete && _body is GZipStream zipped)
        {
            // Frees the compressor without sending the trailer, which would make half a body look whole.
            _counted.IsCut = true;
            await zipped.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        http.Response.Headers.Vary = "Accept-Encoding";
        if (GzipNegotiation.Accepts(http.Request))
        {
            http.Response.Headers.ContentEncoding = "gzip";
            _body = new GZipStream(_counted, CompressionLevel.Fastest, leaveOpen: true);
        }
        else
        {
            _body = _counted;
        }

        await _body.WriteAsync(_head.AsMemory(0, _headLength), cancellationToken);
    }

    /// <summary>Counts what passes; the stream below is the server's and stays open.</summary>
    private sealed class CountingStream(Stream inner) : Stream
    {
        public long Count { get; private set; }

        /// <summary>Nothing goes out any more.</summary>
        public bool IsCut { get; set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (IsCut) return ValueTask.CompletedTask;
            Count += buffer.Length;
            return inner.WriteAsync(buffer, cancellationToken);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("write asynchronously");

        public override void Flush()
        {
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
