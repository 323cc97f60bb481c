using System.Globalization;
using System.Text.Json;
using Aion.Model;
using Aion.Protocol;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Sidecar.Tests;

/// <summary>A sidecar beside a Prometheus that is scraping: data of the head, still growing.</summary>
public sealed class LivePrometheusTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_chunks_hold_what_Prometheus_answers()
    {
        await using RealPrometheus prometheus = await RealPrometheus.StartAsync(blocks: null, scrapes: true);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(prometheus.Address);
        using var http = new HttpClient { BaseAddress = prometheus.Address };
        while ((await SamplesAsync(http, "up")).Count < 10) await Task.Delay(50, Cancellation);

        // Everything, so that many series and frames pass; then sample by sample against the API.
        var request = new SelectRequest { MinTimeMs = 0, MaxTimeMs = long.MaxValue, Matchers = [new LabelMatcher(Model.MatchType.Regex, "__name__", ".+")] };
        var series = new List<ChunkSeries>();
        await foreach (SeriesFrame frame in sidecar.Store.SelectAsync(request, Cancellation)) series.AddRange(frame.Series);

        Assert.True(series.Count > 300, $"{series.Count} series");
        Assert.Equal(series.OrderBy(s => s.Labels).Select(s => s.Labels), series.Select(s => s.Labels));
        Assert.All(series, s => Assert.Equal("one", s.Labels.GetValueOrNull("cluster")));
        ChunkSeries scraped = series.Single(s => s.Labels.GetValueOrNull("__name__") == "scrape_samples_scraped");
        IReadOnlyList<(long Time, double Value)> expected = await SamplesAsync(http, "scrape_samples_scraped");
        var buffer = new SampleBuffer();
        foreach (SeriesChunk chunk in scraped.Chunks) ChunkDecoder.Decode(chunk.Raw, buffer, long.MinValue, long.MaxValue);
        Assert.True(buffer.Count >= 10);
        Assert.Equal(expected.Take(buffer.Count).Select(s => s.Time), buffer.Times.ToArray());
        Assert.Equal(expected.Take(buffer.Count).Select(s => s.Value), buffer.Values.ToArray());
    }

    [Fact]
    public async Task Names_and_values_are_those_of_Prometheus_with_the_external_ones()
    {
        await using RealPrometheus prometheus = await RealPrometheus.StartAsync(blocks: null, scrapes: true);
        using var http = new HttpClient { BaseAddress = prometheus.Address };
        while ((await SamplesAsync(http, "up")).Count < 1) await Task.Delay(50, Cancellation);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(prometheus.Address);
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        LabelMatcher[] up = [LabelMatcher.Equal("__name__", "up")];

        LabelsAnswer names = await sidecar.Store.LabelNamesAsync(new LabelNamesRequest { MinTimeMs = 0, MaxTimeMs = now, Matchers = up }, Cancellation);
        LabelsAnswer jobs = await sidecar.Store.LabelValuesAsync(new LabelValuesRequest { Label = "job", MinTimeMs = 0, MaxTimeMs = now, Matchers = up }, Cancellation);

        Assert.Equal(["__name__", "cluster", "instance", "job", "replica"], names.Values);
        Assert.Equal(["self"], jobs.Values);
        Assert.True(sidecar.Store.Info.MinTimeMs > now - TimeSpan.FromMinutes(10).TotalMilliseconds);
    }

    [Fact]
    public async Task Native_histograms_come_as_Prometheus_stores_them()
    {
        await using RealPrometheus prometheus = await RealPrometheus.StartAsync(blocks: null, scrapes: false);
        using var http = new HttpClient { BaseAddress = prometheus.Address };
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        List<RemoteHistogram> histograms = [.. Enumerable.Range(0, 150).Select(i => new RemoteHistogram(now - (200 - i) * 1000, Integer(i + 1), null))];
        await WriteAsync(http, new RemoteReadSeries(Labels.Of("__name__", "latency", "job", "x"), [], histograms));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(prometheus.Address);
        var request = new SelectRequest { MinTimeMs = 0, MaxTimeMs = now, Matchers = [LabelMatcher.Equal("__name__", "latency")] };

        var series = new List<ChunkSeries>();
        await foreach (SeriesFrame frame in sidecar.Store.SelectAsync(request, Cancellation)) series.AddRange(frame.Series);

        Assert.Equal("""{__name__="latency", cluster="one", job="x", replica="a"}""", Assert.Single(series.Select(s => s.Labels).Distinct()).ToString());
        var buffer = new SampleBuffer();
        foreach (SeriesChunk chunk in series.SelectMany(s => s.Chunks))
        {
            Assert.Equal(ChunkEncoding.Histogram, chunk.Raw.Encoding);
            ChunkDecoder.Decode(chunk.Raw, buffer, long.MinValue, long.MaxValue);
        }

        Assert.Equal(histograms.Select(h => h.TimestampMs), buffer.Times.ToArray());
        Assert.Equal(histograms.Select(h => (double)h.Integer!.Count), buffer.Histograms.ToArray().Select(h => h!.Count));
        Assert.Equal([75.0, 75.0], buffer.Histograms[149]!.PositiveBuckets);
    }

    private static Histogram Integer(int i) => new()
    {
        Count = (ulong)i / 2 * 2,
        Sum = i,
        Schema = 1,
        ZeroThreshold = 0.001,
        PositiveSpans = [new BucketSpan(0, 1), new BucketSpan(2, 1)],
        PositiveBuckets = [i / 2, 0],
    };

    /// <summary>A remote write. The message of one is that of a read's result: series in field 1.</summary>
    private static async Task WriteAsync(HttpClient http, RemoteReadSeries series)
    {
        ReadOnlySpan<byte> response = RemoteReadCodec.EncodeResponse([[series]]);
        var header = 1;
        while (response[header++] >= 0x80) { }
        using var content = new ByteArrayContent(SnappyBlock.Compress(response[header..]));
        content.Headers.ContentEncoding.Add("snappy");
        content.Headers.ContentType = new("application/x-protobuf");
        using HttpResponseMessage answer = await http.PostAsync("/api/v1/write", content, Cancellation);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    private static async Task<IReadOnlyList<(long Time, double Value)>> SamplesAsync(HttpClient http, string metric)
    {
        using JsonDocument answer = JsonDocument.Parse(await http.GetByteArrayAsync($"/api/v1/query?query={metric}[1h]", Cancellation));
        JsonElement result = answer.RootElement.GetProperty("data").GetProperty("result");
        if (result.GetArrayLength() == 0) return [];
        return [.. result[0].GetProperty("values").EnumerateArray().Select(v => (
            (long)Math.Round(v[0].GetDouble() * 1000), double.Parse(v[1].GetString()!, CultureInfo.InvariantCulture)))];
    }
}
