using System.Net;
using System.Net.Http.Headers;

namespace Aion.ObjectStorage;

/// <summary>Gives up on bodies that stop coming: without it a server that hangs in mid-transfer holds its reader for ever.</summary>
internal sealed class StallHandler(HttpMessageHandler inner, TimeSpan timeout, TimeProvider time) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
        if (request.Method != HttpMethod.Head && response.Content.Headers.ContentLength != 0)
            response.Content = new WatchedContent(response.Content, timeout, time);
        return response;
    }

    private sealed class WatchedContent : HttpContent
    {
        private readonly HttpContent _inner;
        private readonly TimeSpan _timeout;
        private readonly TimeProvider _time;

        public WatchedContent(HttpContent inner, TimeSpan timeout, TimeProvider time)
        {
            _inner = inner;
            _timeout = timeout;
            _time = time;
            foreach (KeyValuePair<string, HeaderStringValues> header in inner.Headers.NonValidated) Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        protected override async Task<Stream> CreateContentReadStreamAsync() =>
            new WatchedStream(await _inner.ReadAsStreamAsync(CancellationToken.None), _timeout, _time);

        protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
            new WatchedStream(await _inner.ReadAsStreamAsync(cancellationToken), _timeout, _time);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await using Stream source = await CreateContentReadStreamAsync(cancellationToken);
            await source.CopyToAsync(stream, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _inner.Headers.ContentLength ?? 0;
            return _inner.Headers.ContentLength is not null;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) _inner.Dispose();
            base.Dispose(disposing);
        }
    }

    /// <summary>Fails a read that gets no byte in time. Synchronous reads are not watched.</summary>
    private sealed class WatchedStream(Stream inner, TimeSpan timeout, TimeProvider time) : ReadOnlyStream
    {
        private readonly CancellationTokenSource _overdue = new(Timeout.InfiniteTimeSpan, time);

        public override int Read(Span<byte> buffer) => inner.Read(buffer);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await using CancellationTokenRegistration passed = cancellationToken.UnsafeRegister(static s => ((CancellationTokenSource)s!).Cancel(), _overdue);
            _overdue.CancelAfter(timeout);
            try
            {
                return await inner.ReadAsync(buffer, _overdue.Token);
            }
            catch (Exception e) when (_overdue.IsCancellationRequested)
            {
                // A broken connection under a cancelled read may show as another exception.
                cancellationToken.ThrowIfCancellationRequested();
                throw new IOException($"the server sent nothing for {timeout.TotalSeconds:0.###} s in the middle of the body", e);
            }
            finally
            {
                _overdue.CancelAfter(Timeout.InfiniteTimeSpan);
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
                _overdue.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
