using System.Diagnostics;
using Aion.Testing;
using Prometheus;

namespace Aion.ObjectStorage.Tests;

public sealed class InMemoryBucketTests : BucketContract
{
    protected override IBucket Bucket { get; } = new InMemoryBucket(TimeProvider.System);
}

public sealed class PrefixedBucketTests : BucketContract
{
    protected override IBucket Bucket { get; } = new PrefixedBucket(new InMemoryBucket(TimeProvider.System), "tenants/one");

    [Fact]
    public async Task Keys_stay_below_the_prefix()
    {
        var inner = new InMemoryBucket(TimeProvider.System);
        var bucket = new PrefixedBucket(inner, "p/q");

        await bucket.UploadAsync("x", "1"u8.ToArray(), Cancellation);
        await inner.UploadAsync("p/other", "2"u8.ToArray(), Cancellation);

        Assert.Equal(["p/other", "p/q/x"], inner.Keys);
        Assert.False(await bucket.ExistsAsync("other", Cancellation));
    }
}

public sealed class FilesystemBucketTests : BucketContract, IDisposable
{
    private readonly TempDirectory _folder = new();

    public FilesystemBucketTests() => Bucket = new FilesystemBucket(_folder.Combine("bucket"), TimeProvider.System);

    protected override IBucket Bucket { get; }

    [Fact]
    public async Task An_open_file_shows_its_bytes_also_when_the_object_was_deleted_or_cut_short()
    {
        byte[] bytes = new byte[10_000];
        new Random(1).NextBytes(bytes);
        await Bucket.UploadAsync("block/index", bytes, Cancellation);
        await Bucket.UploadAsync("block/cut", bytes, Cancellation);
        byte[] read = new byte[1000];
        using LocalObject deleted = Bucket.OpenLocal("block/index"), cut = Bucket.OpenLocal("block/cut");

        await Bucket.DeleteAsync("block/index", Cancellation);
        using (var file = new FileStream(_folder.Combine("bucket", "block", "cut"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.SetLength(5100);

        Assert.Equal(bytes.Length, deleted.Length);
        Assert.Equal(1000, deleted.Read(5, read));
        Assert.True(read.AsSpan().SequenceEqual(bytes.AsSpan(5, 1000)));
        Assert.Equal(7, deleted.Read(bytes.Length - 7, read));
        Assert.Equal(0, deleted.Read(bytes.Length, read));
        Assert.Equal(100, cut.Read(5000, read));
        foreach (string absent in (string[])["block/index", "block", "block/cut/x", "none/index"])
            Assert.Equal(BucketErrorKind.NotFound, Assert.Throws<BucketException>(() => Bucket.OpenLocal(absent)).Kind);
    }

    [Fact]
    public async Task Links_in_the_folder_lead_to_files_that_are_read_as_any()
    {
        Directory.CreateDirectory(_folder.Combine("elsewhere"));
        await File.WriteAllBytesAsync(_folder.Combine("elsewhere", "file"), new byte[5000], Cancellation);
        await PutAsync("a", "x");
        Directory.CreateSymbolicLink(_folder.Combine("bucket", "linked"), _folder.Combine("elsewhere"));
        Directory.CreateSymbolicLink(_folder.Combine("bucket", "foreign"), "/proc/self");

        Assert.True(Bucket.IsLocal);
        using (LocalObject linked = Bucket.OpenLocal("linked/file")) Assert.Equal(5000, linked.Length);
        Assert.Equal(BucketErrorKind.NotFound, Assert.Throws<BucketException>(() => Bucket.OpenLocal("foreign/exe/none")).Kind);
    }

    [Fact]
    public async Task Folders_without_objects_are_not_there()
    {
        Directory.CreateDirectory(_folder.Combine("bucket", "a", "b"));
        await PutAsync("c/d", "x");

        Assert.Equal(["c/"], await ListAsync("", recursive: false));
    }

    [Fact]
    public async Task What_a_crash_left_behind_is_invisible_and_goes_with_its_folder()
    {
        await PutAsync("block/chunks/000001", "x");
        string left = _folder.Combine("bucket", "block", "chunks", FilesystemBucket.TemporaryPrefix + "dead");
        await File.WriteAllTextAsync(left, "half", Cancellation);
        File.SetLastWriteTimeUtc(left, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        Assert.Equal(["block/chunks/000001"], await ListAsync("", recursive: true));
        await Bucket.DeleteAsync("block/chunks/000001", Cancellation);

        Assert.False(Directory.Exists(_folder.Combine("bucket", "block")));
    }

    [Fact]
    public async Task The_name_of_an_upload_under_way_is_no_key() =>
        Assert.Equal(
            BucketErrorKind.InvalidKey,
            (await Assert.ThrowsAsync<BucketException>(() => PutAsync("a/" + FilesystemBucket.TemporaryPrefix + "x", "1"))).Kind);

    [Fact]
    public async Task A_loop_of_links_ends_in_an_error()
    {
        await PutAsync("a/x", "1");
        Directory.CreateSymbolicLink(_folder.Combine("bucket", "a", "up"), _folder.Combine("bucket"));

        await Assert.ThrowsAsync<BucketException>(() => ListAsync("", recursive: true));
    }

    public void Dispose() => _folder.Dispose();
}

public sealed class MeteredBucketTests : BucketContract
{
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();

    public MeteredBucketTests() =>
        Bucket = new MeteredBucket(new InMemoryBucket(TimeProvider.System), new BucketMetrics(Metrics.WithCustomRegistry(_registry)), TimeProvider.System);

    protected override IBucket Bucket { get; }

    [Fact]
    public async Task Operations_failures_and_bytes_are_counted()
    {
        await PutAsync("x", "12345");
        await TextAsync("x");
        Assert.Null(await Bucket.TryGetAsync("absent", Cancellation));
        await Assert.ThrowsAsync<BucketException>(() => Bucket.GetAsync("absent", Cancellation));
        await ListAsync("", recursive: true);

        string text = await ExposeAsync();

        Assert.Contains("""thanos_objstore_bucket_operations_total{bucket="inmem",operation="get"} 3""", text, StringComparison.Ordinal);
        Assert.Contains("""thanos_objstore_bucket_operation_failures_total{bucket="inmem",operation="get"} 1""", text, StringComparison.Ordinal);
        Assert.Contains("""thanos_objstore_bucket_operation_fetched_bytes_total{bucket="inmem",operation="get"} 5""", text, StringComparison.Ordinal);
        Assert.Contains("""thanos_objstore_bucket_operation_duration_seconds_count{bucket="inmem",operation="get"} 1""", text, StringComparison.Ordinal);
        Assert.Contains("""thanos_objstore_operation_duration_seconds_count{bucket="inmem",operation="get"} 1""", text, StringComparison.Ordinal);
        Assert.Contains("""thanos_objstore_bucket_operations_total{bucket="inmem",operation="iter"} 1""", text, StringComparison.Ordinal);
        Assert.Contains("""thanos_objstore_bucket_operations_total{bucket="inmem",operation="delete"} 0""", text, StringComparison.Ordinal);
        Assert.Contains("""thanos_objstore_bucket_operation_transferred_bytes_sum{bucket="inmem",operation="upload"} 5""", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Operations_are_spans_with_Thanoss_names_below_the_callers_own()
    {
        using var spans = new RecordedSpans();
        await PutAsync("dir/x", "12345");
        await Bucket.AttributesAsync("dir/x", Cancellation);
        await Bucket.DeleteAsync("nothing", Cancellation);
        await ListAsync("dir", recursive: true);

        Stream stream;
        using (Activity caller = spans.StartCaller())
        {
            stream = await Bucket.GetRangeAsync("dir/x", 1, 3, Cancellation);
            Assert.Same(caller, Activity.Current);
            Assert.Equal("234", await new StreamReader(stream).ReadToEndAsync(Cancellation));
            await stream.DisposeAsync();
            Assert.Same(caller, Activity.Current);
            Assert.Equal(caller.SpanId, spans.Ended[^1].ParentSpanId);
        }

        await Assert.ThrowsAsync<BucketException>(() => Bucket.GetAsync("absent", Cancellation));
        Assert.Null(Activity.Current);

        Assert.Equal(
            ["bucket_upload dir/x", "bucket_attributes dir/x", "bucket_delete nothing", "bucket_iter dir", "bucket_getrange dir/x", "bucket_get absent"],
            spans.Ended.Select(s => $"{s.OperationName} {s.GetTagItem("name") ?? s.GetTagItem("dir")}"));
        Assert.Equal((1L, 3L, 3L), (spans.Ended[4].GetTagItem("offset"), spans.Ended[4].GetTagItem("length"), spans.Ended[4].GetTagItem("read")));
        Assert.Equal((ActivityStatusCode.Unset, ActivityStatusCode.Error), (spans.Ended[4].Status, spans.Ended[5].Status));
        Assert.All(spans.Ended, s => Assert.Equal("inmem", s.GetTagItem("bucket")));
    }

    private async Task<string> ExposeAsync()
    {
        using var text = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(text, Cancellation);
        return System.Text.Encoding.UTF8.GetString(text.ToArray());
    }
}

/// <summary>The spans of this test's own flow of calls; those of tests beside it have another root.</summary>
internal sealed class RecordedSpans : IDisposable
{
    private readonly ActivitySource _caller = new("Aion.ObjectStorage.Tests");
    private readonly AsyncLocal<bool> _mine = new() { Value = true };
    private readonly ActivityListener _listener;

    public RecordedSpans()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == BucketTracing.SourceName || source == _caller,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => _mine.Value ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                if (_mine.Value && span.Source != _caller) Ended.Add(span);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public List<Activity> Ended { get; } = [];

    public Activity StartCaller() => _caller.StartActivity("caller")!;

    public void Dispose()
    {
        _listener.Dispose();
        _caller.Dispose();
    }
}
