using System.Text;
using Aion.Model;
using Aion.Protocol;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Sidecar.Tests;

public sealed class PrometheusStoreTests : IAsyncDisposable
{
    private static readonly Labels External = Labels.Of("cluster", "one", "replica", "a");
    private readonly SidecarUnderTest _sidecar = new();
    private FakePrometheus _prometheus = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_external_matchers_are_refused()
    {
        PrometheusStore store = await StartAsync(Series("__name__", "up"));

        var e = await Assert.ThrowsAsync<StoreException>(() => SelectAsync(store, Request("cluster", "one")));

        Assert.Equal(StoreErrorKind.InvalidArgument, e.Kind);
        Assert.Equal("no matchers specified (excluding external labels)", e.Message);
        Assert.Empty(await SelectAsync(store, Request("cluster", "two")));
        Assert.Empty(_prometheus.Reads);
    }

    [Fact]
    public async Task The_read_asks_for_streams_without_external_matchers_from_the_lowest_time_on()
    {
        PrometheusStore store = await StartAsync(Series("__name__", "up"));
        _prometheus.LowestSeconds = "5.5e-1";
        await _sidecar.Metadata.RefreshAsync(_sidecar.Client, Cancellation);

        await SelectAsync(store, Request("__name__", "up", "replica", "a") with { MinTimeMs = long.MinValue, MaxTimeMs = 7000 });

        RemoteReadRequest read = Assert.Single(_prometheus.Reads);
        Assert.Equal([RemoteReadResponseType.StreamedXorChunks, RemoteReadResponseType.Samples], read.AcceptedResponseTypes);
        RemoteReadQuery query = Assert.Single(read.Queries);
        Assert.Equal((550, 7000), (query.StartMs, query.EndMs));
        Assert.Equal(["__name__=\"up\""], query.Matchers.Select(m => m.ToString()));
        Assert.Equal(550, store.Info.MinTimeMs);
        Assert.Empty(await SelectAsync(store, Request("__name__", "up") with { MinTimeMs = 0, MaxTimeMs = 549 }));
        Assert.Single(_prometheus.Reads);
    }

    [Fact]
    public async Task An_empty_Prometheus_serves_all_times()
    {
        PrometheusStore store = await StartAsync();
        _prometheus.LowestSeconds = "9.223372036854776e+15";

        await _sidecar.Metadata.RefreshAsync(_sidecar.Client, Cancellation);

        Assert.Equal(-62167219200000, store.Info.MinTimeMs);
        Assert.Equal(long.MaxValue, store.Info.MaxTimeMs);
        Assert.Equal("sidecar", store.Info.Component);
        Assert.Equal([new TsdbInfo(External, -62167219200000, long.MaxValue)], store.Info.TsdbInfos);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task Stored_labels_named_as_external_ones_give_way_and_the_order_holds(int seriesPerFrame)
    {
        PrometheusStore store = await StartAsync(
            Series("__name__", "up", "cluster", "one", "job", "e"),
            Series("__name__", "up", "cluster", "one", "job", "g"),
            Series("__name__", "up", "cluster", "two", "job", "a"),
            Series("__name__", "up", "job", "d"),
            Series("__name__", "up"),
            Series("__name__", "up", "b", "2"));
        _prometheus.SeriesPerFrame = seriesPerFrame;

        IReadOnlyList<ChunkSeries> series = await SelectAsync(store, Request("__name__", "up"));

        Assert.Equal(6, series.Count);
        Assert.Equal(series.OrderBy(s => s.Labels).Select(s => s.Labels), series.Select(s => s.Labels));
        Assert.All(series, s => Assert.Equal(("one", "a"), (s.Labels.GetValueOrNull("cluster"), s.Labels.GetValueOrNull("replica"))));
    }

    [Fact]
    public async Task Memory_for_sorting_anew_comes_from_the_budget()
    {
        PrometheusStore store = await StartAsync(Series("__name__", "up", "cluster", "two"), Series("__name__", "up", "job", "x"));
        using var budget = new MemoryBudget(100, "--test");

        await Assert.ThrowsAsync<BudgetExceededException>(() => SelectAsync(store, Request("__name__", "up") with { Budget = budget }));

        Assert.Equal(0, budget.UsedBytes);
    }

    [Fact]
    public async Task Limits_cut_names_before_the_external_ones_join_them()
    {
        PrometheusStore store = await StartAsync(Series("__name__", "up", "job", "x", "zone", "z"));

        LabelsAnswer names = await store.LabelNamesAsync(new LabelNamesRequest { MinTimeMs = 0, MaxTimeMs = 10, Limit = 2 }, Cancellation);

        Assert.Equal(["__name__", "cluster", "job", "replica"], names.Values);
    }

    [Fact]
    public async Task Values_of_an_external_label_depend_on_the_other_matchers()
    {
        PrometheusStore store = await StartAsync(Series("__name__", "up"));
        var request = new LabelValuesRequest { Label = "replica", MinTimeMs = 0, MaxTimeMs = 10 };

        Assert.Equal(["a"], (await store.LabelValuesAsync(request with { Matchers = [LabelMatcher.Equal("replica", "a")] }, Cancellation)).Values);
        Assert.Equal(["a"], (await store.LabelValuesAsync(request with { Matchers = [LabelMatcher.Equal("__name__", "up")] }, Cancellation)).Values);
        Assert.Empty((await store.LabelValuesAsync(request with { Matchers = [LabelMatcher.Equal("__name__", "zz")] }, Cancellation)).Values);
        Assert.Empty((await store.LabelValuesAsync(request with { Matchers = [LabelMatcher.Equal("replica", "zz")] }, Cancellation)).Values);
        Assert.Empty((await store.LabelValuesAsync(request with { WithoutReplicaLabels = ["replica"] }, Cancellation)).Values);
        var e = await Assert.ThrowsAsync<StoreException>(() => store.LabelValuesAsync(request with { Label = "" }, Cancellation));
        Assert.Equal(StoreErrorKind.InvalidArgument, e.Kind);
    }

    [Fact]
    public async Task A_name_that_an_old_Prometheus_cannot_store_is_not_asked_for()
    {
        PrometheusStore store = await StartAsync(Series("__name__", "up"));
        _prometheus.Requests.Clear();

        Assert.Empty((await store.LabelValuesAsync(new LabelValuesRequest { Label = "a.b", MinTimeMs = 0, MaxTimeMs = 10 }, Cancellation)).Values);

        Assert.Empty(_prometheus.Requests);
    }

    [Fact]
    public async Task A_Prometheus_before_2_24_is_asked_for_series_where_there_are_matchers()
    {
        PrometheusStore store = await StartAsync(Series("__name__", "up", "job", "x"), Series("__name__", "other", "zone", "z"));
        _prometheus.Version = "2.23.0";
        await _sidecar.Metadata.RefreshAsync(_sidecar.Client, Cancellation);
        LabelMatcher[] matchers = [LabelMatcher.Equal("__name__", "up")];
        _prometheus.Requests.Clear();

        LabelsAnswer names = await store.LabelNamesAsync(new LabelNamesRequest { MinTimeMs = 0, MaxTimeMs = 10, Matchers = matchers }, Cancellation);
        LabelsAnswer values = await store.LabelValuesAsync(
            new LabelValuesRequest { Label = "job", MinTimeMs = 0, MaxTimeMs = 10, Matchers = matchers }, Cancellation);

        Assert.Equal(["__name__", "cluster", "job", "replica"], names.Values);
        Assert.Equal(["x"], values.Values);
        Assert.All(_prometheus.Requests, r => Assert.StartsWith("/api/v1/series?", r, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(400, StoreErrorKind.InvalidArgument)]
    [InlineData(404, StoreErrorKind.NotFound)]
    [InlineData(422, StoreErrorKind.Internal)]
    [InlineData(500, StoreErrorKind.Internal)]
    [InlineData(503, StoreErrorKind.Unavailable)]
    public async Task Refusals_keep_their_kind_and_text(int status, StoreErrorKind kind)
    {
        PrometheusStore store = await StartAsync(Series("__name__", "up"));
        Answer(status, "text/plain", "the reason"u8.ToArray());

        var e = await Assert.ThrowsAsync<StoreException>(() => SelectAsync(store, Request("__name__", "up")));

        Assert.Equal(kind, e.Kind);
        Assert.Equal($"expected 2xx response, got {status}. Body: the reason", e.Message);
    }

    [Theory]
    [InlineData("text/html", "<html>", "content type \"text/html\"")]
    [InlineData("application/x-protobuf", "no snappy", "snappy")]
    [InlineData("application/x-streamed-protobuf; proto=other", "", "content type")]
    [InlineData("application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse", "\u0005abcdefghi", "checksum")]
    [InlineData("application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse", "\u0050abcd", "cut off")]
    [InlineData("application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse", "\u007f\u007f\u007f\u007f\u007f\u007f", "cut off")]
    public async Task What_is_no_remote_read_is_told_apart(string contentType, string body, string expected)
    {
        PrometheusStore store = await StartAsync(Series("__name__", "up"));
        Answer(200, contentType, Encoding.Latin1.GetBytes(body));

        var e = await Assert.ThrowsAsync<StoreException>(() => SelectAsync(store, Request("__name__", "up")));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_breaks_off_is_an_error_and_no_short_answer()
    {
        PrometheusStore store = await StartAsync(Series("__name__", "up"));
        _prometheus.Intercept = async http =>
        {
            http.Response.ContentType = "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse";
            ChunkedReadFraming.WriteFrame(
                http.Response.BodyWriter, RemoteReadCodec.EncodeChunked(new ChunkedReadFrame([Series("__name__", "up")], 0)));
            await http.Response.BodyWriter.FlushAsync();
            http.Abort();
            return true;
        };

        var e = await Assert.ThrowsAsync<StoreException>(() => SelectAsync(store, Request("__name__", "up")));

        Assert.Equal(StoreErrorKind.Unavailable, e.Kind);
    }

    [Fact]
    public async Task A_Prometheus_that_is_gone_is_named()
    {
        PrometheusStore store = await StartAsync(Series("__name__", "up"));
        await _prometheus.DisposeAsync();

        var e = await Assert.ThrowsAsync<StoreException>(() => SelectAsync(store, Request("__name__", "up")));

        Assert.Equal(StoreErrorKind.Unavailable, e.Kind);
        Assert.Contains("--prometheus.url", e.Message, StringComparison.Ordinal);
        Assert.Contains(_prometheus.Address.ToString(), e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Samples_of_a_server_that_does_not_stream_come_in_chunks_of_120_and_histograms_with_them()
    {
        PrometheusStore store = await StartAsync();
        var floats = Enumerable.Range(0, 250).Select(i => new Sample(i * 10, i)).ToList();
        var histograms = Enumerable.Range(0, 130).Select(i => new RemoteHistogram(i * 10, Integer(i), null))
            .Concat(Enumerable.Range(130, 5).Select(i => new RemoteHistogram(i * 10, null, Integer(i).ToFloat()))).ToList();
        _prometheus.Sampled =
        [
            new RemoteReadSeries(Labels.Of("__name__", "up", "cluster", "one", "replica", "a", "z", "1"), floats, []),
            new RemoteReadSeries(Labels.Of("__name__", "h", "cluster", "one", "replica", "a"), [], histograms),
        ];

        IReadOnlyList<ChunkSeries> series = await SelectAsync(store, Request("__name__", "up"));

        Assert.Equal(["h", "up"], series.Select(s => s.Labels.GetValueOrNull("__name__")));
        Assert.Equal([(0L, 1190L), (1200, 2390), (2400, 2490)], series[1].Chunks.Select(c => (c.MinTimeMs, c.MaxTimeMs)));
        Assert.Equal(
            [ChunkEncoding.Histogram, ChunkEncoding.Histogram, ChunkEncoding.FloatHistogram], series[0].Chunks.Select(c => c.Raw.Encoding));
        SampleBuffer decoded = Decode(series[1]);
        Assert.Equal(floats.Select(s => s.TimestampMs), decoded.Times.ToArray());
        Assert.Equal(floats.Select(s => s.Value), decoded.Values.ToArray());
        SampleBuffer decodedHistograms = Decode(series[0]);
        Assert.Equal(135, decodedHistograms.Count);
        Assert.Equal(134, decodedHistograms.Histograms[134]!.Count);
        Assert.Equal([129.0, 0], decodedHistograms.Histograms[129]!.PositiveBuckets);
    }

    [Fact]
    public async Task Floats_and_histograms_that_take_turns_are_cut_at_each_turn()
    {
        PrometheusStore store = await StartAsync();
        _prometheus.Sampled =
        [
            new RemoteReadSeries(
                Labels.Of("__name__", "up"), [new Sample(10, 1), new Sample(30, 2), new Sample(40, 3)], [new RemoteHistogram(20, Integer(1), null)]),
        ];

        IReadOnlyList<ChunkSeries> series = await SelectAsync(store, Request("__name__", "up"));

        Assert.Equal([(10L, 10L), (20, 20), (30, 40)], series[0].Chunks.Select(c => (c.MinTimeMs, c.MaxTimeMs)));
    }

    [Fact]
    public async Task Samples_out_of_order_are_damage()
    {
        PrometheusStore store = await StartAsync();
        _prometheus.Sampled = [new RemoteReadSeries(Labels.Of("__name__", "up"), [new Sample(10, 1), new Sample(10, 2)], [])];

        var e = await Assert.ThrowsAsync<StoreException>(() => SelectAsync(store, Request("__name__", "up")));

        Assert.Equal(StoreErrorKind.DataLoss, e.Kind);
    }

    public ValueTask DisposeAsync() => _sidecar.DisposeAsync();

    private static SampleBuffer Decode(ChunkSeries series)
    {
        var buffer = new SampleBuffer();
        foreach (SeriesChunk chunk in series.Chunks) ChunkDecoder.Decode(chunk.Raw, buffer, long.MinValue, long.MaxValue);
        return buffer;
    }

    private static Histogram Integer(int count) => new()
    {
        Count = (ulong)count,
        Sum = count,
        PositiveSpans = [new BucketSpan(0, 2)],
        PositiveBuckets = [count, -count],
    };

    private static ChunkSeries Series(params string[] labels) =>
        new(Labels.Of(labels), [new SeriesChunk(0, 1000, new Chunk(ChunkEncoding.Xor, new byte[] { 0, 1, 2 }))]);

    private static SelectRequest Request(params string[] equal)
    {
        var matchers = new List<LabelMatcher>();
        for (var i = 0; i < equal.Length; i += 2) matchers.Add(LabelMatcher.Equal(equal[i], equal[i + 1]));
        return new SelectRequest { MinTimeMs = 0, MaxTimeMs = 5000, Matchers = matchers };
    }

    private static async Task<IReadOnlyList<ChunkSeries>> SelectAsync(IStore store, SelectRequest request)
    {
        var series = new List<ChunkSeries>();
        await foreach (SeriesFrame frame in store.SelectAsync(request, Cancellation)) series.AddRange(frame.Series);
        return series;
    }

    private async Task<PrometheusStore> StartAsync(params ChunkSeries[] series)
    {
        _prometheus = await FakePrometheus.StartAsync(External, series);
        return await _sidecar.StoreAsync(_prometheus);
    }

    private void Answer(int status, string contentType, byte[] body) => _prometheus.Intercept = async http =>
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        await http.Response.Body.WriteAsync(body);
        return true;
    };
}
