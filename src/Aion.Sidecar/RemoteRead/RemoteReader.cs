using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Aion.Protocol;
using Aion.Storage;
using Prometheus;

namespace Aion.Sidecar;

/// <summary>
/// Reads series with their chunks out of Prometheus through remote read: streamed chunks as they lie in its TSDB, or, from a server
/// that does not stream, samples that are put into chunks again.
/// </summary>
public sealed class RemoteReader
{
    // Sic: Prometheus compares it with nothing, and Thanos sends it.
    private const string RequestType = "application/x-stream-protobuf";
    private const string StreamedType = "application/x-streamed-protobuf";
    private const string StreamedMessage = "prometheus.ChunkedReadResponse";
    private const string SampledType = "application/x-protobuf";

    private const string Purpose = "a remote read that is not streamed";

    /// <summary>The most a sampled answer may hold, unpacked.</summary>
    private const int MaxSampledBytes = 1 << 30;

    private readonly PrometheusClient _client;
    private readonly Prometheus.Histogram _frames;

    public RemoteReader(PrometheusClient client, IMetricFactory metrics)
    {
        _client = client;
        _frames = metrics.CreateHistogram(
            "prometheus_store_received_frames",
            "Number of frames received per streamed response.",
            new HistogramConfiguration { Buckets = Prometheus.Histogram.ExponentialBuckets(10, 10, 5) });
    }

    /// <summary>The series of one query. They bring the external labels already, unless they have labels of those names themselves.</summary>
    /// <exception cref="StoreException">Prometheus refused, broke off, or sent what is no remote read.</exception>
    public async IAsyncEnumerable<RemoteReadFrame> ReadAsync(
        RemoteReadQuery query, MemoryBudget? budget, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = Request(query);
        using HttpResponseMessage response = await _client.SendCheckedAsync(request, cancellationToken);
        MediaTypeHeaderValue? type = response.Content.Headers.ContentType;
        if (type?.MediaType == StreamedType)
        {
            string? message = type.Parameters.FirstOrDefault(p => p.Name == "proto")?.Value;
            if (message is not (null or StreamedMessage)) throw NotSupported(type);
            await foreach (IReadOnlyList<ChunkSeries> series in StreamAsync(response, cancellationToken))
                yield return new RemoteReadFrame(series, IsSorted: true);
            yield break;
        }

        if (type?.MediaType != SampledType) throw NotSupported(type);
        yield return new RemoteReadFrame(await ReadSampledAsync(response, budget, cancellationToken), IsSorted: false);
    }

    private HttpRequestMessage Request(RemoteReadQuery query)
    {
        byte[] message = RemoteReadCodec.EncodeRequest(
            new RemoteReadRequest([query], [RemoteReadResponseType.StreamedXorChunks, RemoteReadResponseType.Samples]));
        var content = new ByteArrayContent(SnappyBlock.Compress(message));
        content.Headers.ContentEncoding.Add("snappy");
        content.Headers.ContentType = new MediaTypeHeaderValue(RequestType);
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_client.Address, "api/v1/read")) { Content = content };
        request.Headers.Add("X-Prometheus-Remote-Read-Version", "0.1.0");
        return request;
    }

    private async IAsyncEnumerable<IReadOnlyList<ChunkSeries>> StreamAsync(
        HttpResponseMessage response, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var count = 0;
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using IAsyncEnumerator<ReadOnlyMemory<byte>> frames = ChunkedReadFraming
            .ReadFramesAsync(body, ChunkedReadFraming.DefaultMaxFrameBytes, cancellationToken).GetAsyncEnumerator(cancellationToken);
        try
        {
            while (await MoveNextAsync(frames))
            {
                count++;
                yield return Decode(frames.Current);
            }
        }
        finally
        {
            _frames.Observe(count);
        }
    }

    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<ReadOnlyMemory<byte>> frames)
    {
        try
        {
            return await frames.MoveNextAsync();
        }
        catch (WireFormatException e)
        {
            throw Corrupt(e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new StoreException(StoreErrorKind.Unavailable, $"Prometheus broke off a remote read: {e.Message}", e);
        }
    }

    private static IReadOnlyList<ChunkSeries> Decode(ReadOnlyMemory<byte> frame)
    {
        try
        {
            ChunkedReadFrame decoded = RemoteReadCodec.DecodeChunked(frame);
            return decoded.QueryIndex == 0
                ? decoded.Series
                : throw new StoreException(StoreErrorKind.Internal, $"Prometheus answered query {decoded.QueryIndex} of a remote read with one query");
        }
        catch (WireFormatException e)
        {
            throw Corrupt(e);
        }
    }

    private static async Task<IReadOnlyList<ChunkSeries>> ReadSampledAsync(
        HttpResponseMessage response, MemoryBudget? budget, CancellationToken cancellationToken)
    {
        byte[] body = await PrometheusBody.ReadAsync(response, PrometheusBody.MaxBytes, cancellationToken);
        long charged = body.Length;
        budget?.Charge(charged, Purpose);
        try
        {
            byte[] unpacked = SnappyBlock.Decompress(body, MaxSampledBytes);
            budget?.Charge(unpacked.Length, Purpose);
            charged += unpacked.Length;
            return [.. RemoteReadCodec.DecodeResponse(unpacked).SelectMany(result => result).Select(SampledSeries.ToChunks)];
        }
        catch (WireFormatException e)
        {
            throw Corrupt(e);
        }
        finally
        {
            budget?.Release(charged);
        }
    }

    private static StoreException Corrupt(WireFormatException e) =>
        new(StoreErrorKind.DataLoss, $"a remote read of Prometheus is damaged: {e.Message}", e);

    private static StoreException NotSupported(MediaTypeHeaderValue? type) => new(
        StoreErrorKind.Internal,
        $"not supported remote read content type \"{type}\": is --prometheus.url the address of a Prometheus server (2.13 or later streams)?");
}

/// <summary>A part of a remote read.</summary>
/// <param name="Series">A long series may come in several entries, one after the other.</param>
/// <param name="IsSorted">True: ascending by the labels that Prometheus stores, over all frames.</param>
public readonly record struct RemoteReadFrame(IReadOnlyList<ChunkSeries> Series, bool IsSorted);
