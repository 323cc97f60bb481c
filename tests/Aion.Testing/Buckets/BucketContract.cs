using System.Text;
using Aion.ObjectStorage;
using Xunit;

namespace Aion.Testing;

/// <summary>What every kind of bucket, and every decorator around one, must do. A subclass per kind.</summary>
public abstract class BucketContract
{
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A new empty bucket.</summary>
    protected abstract IBucket Bucket { get; }

    [Fact]
    public async Task An_uploaded_object_comes_back_whole()
    {
        var content = new byte[300_000];
        new Random(7).NextBytes(content);

        await Bucket.UploadAsync("a/b/c", new UnseekableStream(content), Cancellation);

        Assert.Equal(content, await Bucket.ReadAllAsync("a/b/c", 1 << 20, Cancellation));
        Assert.Equal(content.Length, (await Bucket.AttributesAsync("a/b/c", Cancellation)).SizeBytes);
        Assert.True(await Bucket.ExistsAsync("a/b/c", Cancellation));
    }

    [Fact]
    public async Task An_empty_object_is_an_object()
    {
        await PutAsync("empty", "");

        Assert.Equal("", await TextAsync("empty"));
        Assert.Equal(0, (await Bucket.AttributesAsync("empty", Cancellation)).SizeBytes);
    }

    [Theory]
    [InlineData(0, 3, "abc")]
    [InlineData(2, 4, "cdef")]
    [InlineData(8, 10, "ij")]
    [InlineData(0, 100, "abcdefghij")]
    [InlineData(0, long.MaxValue, "abcdefghij")]
    [InlineData(10, 5, "")]
    [InlineData(11, 5, "")]
    [InlineData(1_000_000, 5, "")]
    [InlineData(3, 0, "")]
    public async Task A_range_ends_where_the_object_ends(long offset, long length, string expected)
    {
        await PutAsync("x", "abcdefghij");

        await using Stream stream = await Bucket.GetRangeAsync("x", offset, length, Cancellation);

        Assert.Equal(expected, await new StreamReader(stream).ReadToEndAsync(Cancellation));
    }

    [Fact]
    public async Task Absence_is_told_apart_from_failure()
    {
        await PutAsync("dir/object", "x");

        foreach (string key in (string[])["nothing", "dir", "dir/object/below", "dir/other"])
        {
            await AssertNotFoundAsync(() => Bucket.GetAsync(key, Cancellation));
            await AssertNotFoundAsync(() => Bucket.GetRangeAsync(key, 0, 1, Cancellation));
            await AssertNotFoundAsync(() => Bucket.AttributesAsync(key, Cancellation));
            Assert.Null(await Bucket.TryGetAsync(key, Cancellation));
            Assert.False(await Bucket.ExistsAsync(key, Cancellation));
        }
    }

    [Fact]
    public async Task Upload_replaces()
    {
        await PutAsync("x", "the first, longer content");
        await PutAsync("x", "second");

        Assert.Equal("second", await TextAsync("x"));
    }

    [Fact]
    public async Task A_failing_source_leaves_the_old_object_and_nothing_else()
    {
        await PutAsync("dir/x", "old");

        await Assert.ThrowsAnyAsync<IOException>(() => Bucket.UploadAsync("dir/x", new FailingStream(100_000), Cancellation));
        await Assert.ThrowsAnyAsync<IOException>(() => Bucket.UploadAsync("dir/new/y", new FailingStream(100_000), Cancellation));

        Assert.Equal("old", await TextAsync("dir/x"));
        Assert.Equal(["dir/x"], await ListAsync("", recursive: true));
    }

    [Fact]
    public async Task An_upload_under_way_is_invisible()
    {
        var gate = new TaskCompletionSource();
        Task upload = Bucket.UploadAsync("dir/x", new GatedStream("content"u8.ToArray(), gate.Task), Cancellation);

        bool exists = await Bucket.ExistsAsync("dir/x", Cancellation);
        IReadOnlyList<string> listed = await ListAsync("", recursive: true);
        IReadOnlyList<string> top = await ListAsync("", recursive: false);
        gate.SetResult();
        await upload;

        Assert.False(exists);
        Assert.Empty(listed);
        Assert.Empty(top);
        Assert.Equal("content", await TextAsync("dir/x"));
    }

    [Fact]
    public async Task A_reader_keeps_the_object_it_opened()
    {
        await PutAsync("x", new string('1', 100_000));
        await using Stream stream = await Bucket.GetAsync("x", Cancellation);
        var first = new byte[10];
        await stream.ReadExactlyAsync(first, Cancellation);

        await PutAsync("x", new string('2', 100_000));
        string rest = await new StreamReader(stream).ReadToEndAsync(Cancellation);

        Assert.Equal(new string('1', 99_990), rest);
    }

    [Fact]
    public virtual async Task If_absent_refuses_a_key_that_is_taken()
    {
        Assert.True(await TryCreateAsync("lock/x", "first"));
        Assert.False(await TryCreateAsync("lock/x", "second"));

        Assert.Equal("first", await TextAsync("lock/x"));
    }

    [Fact]
    public virtual async Task If_absent_lets_exactly_one_writer_through()
    {
        if (!Bucket.SupportsConditionalUpload) return;

        Task<bool>[] writers = [.. Enumerable.Range(0, 16).Select(i => Task.Run(() => TryCreateAsync("lock/x", $"writer {i}")))];
        bool[] won = await Task.WhenAll(writers);

        Assert.Single(won, w => w);
        Assert.Equal($"writer {Array.IndexOf(won, true)}", await TextAsync("lock/x"));
        Assert.Equal(["lock/x"], await ListAsync("", recursive: true));
    }

    [Fact]
    public async Task Listing_one_level_names_objects_and_directories()
    {
        foreach (string key in (string[])["top", "a/1", "a/2", "a/b/3", "a.txt", "z/y/x", ".hidden"]) await PutAsync(key, key);

        Assert.Equal([".hidden", "a.txt", "a/", "top", "z/"], await ListAsync("", recursive: false));
        Assert.Equal(["a/1", "a/2", "a/b/"], await ListAsync("a", recursive: false));
        Assert.Equal(["a/1", "a/2", "a/b/"], await ListAsync("a/", recursive: false));
        Assert.Empty(await ListAsync("absent", recursive: false));
        Assert.Empty(await ListAsync("top", recursive: false));
    }

    [Fact]
    public async Task Listing_recursively_names_objects_with_their_attributes()
    {
        foreach (string key in (string[])["top", "a/1", "a/b/3", "aa/2"]) await PutAsync(key, key);

        Assert.Equal(["a/1", "a/b/3", "aa/2", "top"], await ListAsync("", recursive: true));
        Assert.Equal(["a/1", "a/b/3"], await ListAsync("a", recursive: true));
        await foreach (BucketEntry entry in Bucket.ListAsync("", true, Cancellation))
            Assert.Equal(await Bucket.AttributesAsync(entry.Key, Cancellation), entry.Attributes);
    }

    [Fact]
    public async Task Delete_removes_and_repeats()
    {
        await PutAsync("a/b/c", "x");
        await PutAsync("a/d", "y");

        await Bucket.DeleteAsync("a/b/c", Cancellation);
        await Bucket.DeleteAsync("a/b/c", Cancellation);
        await Bucket.DeleteAsync("never/was", Cancellation);

        Assert.Equal(["a/d"], await ListAsync("a", recursive: false));
        await Bucket.DeleteAsync("a/d", Cancellation);
        Assert.Empty(await ListAsync("", recursive: false));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/abs")]
    [InlineData("../escape")]
    [InlineData("a/../../escape")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("./a")]
    [InlineData("a/.")]
    [InlineData("nul\0")]
    public async Task A_key_that_leaves_its_place_is_refused_everywhere(string key)
    {
        Func<Task>[] calls =
        [
            () => Bucket.GetAsync(key, Cancellation),
            () => Bucket.TryGetAsync(key, Cancellation),
            () => Bucket.GetRangeAsync(key, 0, 1, Cancellation),
            () => Bucket.AttributesAsync(key, Cancellation),
            () => Bucket.ExistsAsync(key, Cancellation),
            () => PutAsync(key, "x"),
            () => Bucket.DeleteAsync(key, Cancellation),
        ];

        foreach (Func<Task> call in calls)
            Assert.Equal(BucketErrorKind.InvalidKey, (await Assert.ThrowsAsync<BucketException>(call)).Kind);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("../")]
    [InlineData("a/../..")]
    public async Task A_directory_outside_is_refused(string directory) =>
        Assert.Equal(BucketErrorKind.InvalidKey, (await Assert.ThrowsAsync<BucketException>(() => ListAsync(directory, true))).Kind);

    [Fact]
    public async Task Uploads_and_deletes_in_one_directory_do_not_disturb_each_other()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                await PutAsync($"shared/deep/{worker}", "x");
                Assert.Equal("x", await TextAsync($"shared/deep/{worker}"));
                await Bucket.DeleteAsync($"shared/deep/{worker}", Cancellation);
            }
        })));

        Assert.Empty(await ListAsync("", recursive: true));
    }

    [Fact]
    public async Task Cancellation_is_passed_on_as_such()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Bucket.GetAsync("x", cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Bucket.UploadAsync("x", new MemoryStream([1]), cancelled.Token));
        Assert.Empty(await ListAsync("", recursive: true));
    }

    [Fact]
    public async Task An_upload_cancelled_in_mid_transfer_leaves_nothing()
    {
        using var cancel = new CancellationTokenSource();
        var never = new TaskCompletionSource();
        Task upload = Bucket.UploadAsync("dir/x", new GatedStream(new byte[200_000], never.Task), cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upload);
        Assert.Empty(await ListAsync("", recursive: true));
    }

    [Fact]
    public async Task A_read_cancelled_in_mid_transfer_stops()
    {
        await Bucket.UploadAsync("x", new PatternStream(8_000_000), Cancellation);
        using var cancel = new CancellationTokenSource();
        await using Stream stream = await Bucket.GetAsync("x", cancel.Token);
        await stream.ReadExactlyAsync(new byte[1000], cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await stream.ReadAtLeastAsync(new byte[7_000_000], 7_000_000, true, cancel.Token));
    }

    [Fact]
    public async Task Names_of_the_field_s_kind_come_back_as_they_went()
    {
        string[] keys = ["a b+c%2Fd&e=f?g#h", "ünï/cödé ✓", "01ARZ3NDEKTSV4RRFFQ69G5FAV/meta.json", "debug/metas/x.json", "~!@$^*()_-;:',."];
        foreach (string key in keys) await PutAsync(key, key);

        foreach (string key in keys) Assert.Equal(key, await TextAsync(key));
        Assert.Equal(keys.Order(StringComparer.Ordinal), await ListAsync("", recursive: true));
    }

    protected Task PutAsync(string key, string content) => Bucket.UploadAsync(key, Encoding.UTF8.GetBytes(content), Cancellation);

    protected async Task<string> TextAsync(string key) => Encoding.UTF8.GetString(await Bucket.ReadAllAsync(key, 1 << 20, Cancellation));

    protected async Task<IReadOnlyList<string>> ListAsync(string directory, bool recursive)
    {
        var keys = new List<string>();
        await foreach (BucketEntry entry in Bucket.ListAsync(directory, recursive, Cancellation)) keys.Add(entry.Key);
        keys.Sort(StringComparer.Ordinal);
        return keys;
    }

    private async Task<bool> TryCreateAsync(string key, string content)
    {
        try
        {
            await Bucket.UploadAsync(key, new MemoryStream(Encoding.UTF8.GetBytes(content)), UploadCondition.IfAbsent, Cancellation);
            return true;
        }
        catch (BucketException e) when (e.Kind == BucketErrorKind.AlreadyExists)
        {
            return false;
        }
    }

    private static async Task AssertNotFoundAsync<T>(Func<Task<T>> call) =>
        Assert.Equal(BucketErrorKind.NotFound, (await Assert.ThrowsAsync<BucketException>(async () => await call())).Kind);
}
