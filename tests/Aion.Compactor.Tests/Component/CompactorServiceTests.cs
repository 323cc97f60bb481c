using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;

namespace Aion.Compactor.Tests;

/// <summary>With <c>--wait</c>: queues of their own, halted and stalled as they mean it.</summary>
public sealed class CompactorServiceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cleanup_goes_on_while_a_merge_takes_for_ever()
    {
        using var release = new SemaphoreSlim(0);
        using var merging = new SemaphoreSlim(0);
        var work = new PlainBlockWork
        {
            Before = () =>
            {
                merging.Release();
                release.Wait(Token);
            },
        };
        using var bucket = new TestBucket { Work = new OnThread(work) };
        await bucket.AddAsync(0, 2);
        await bucket.AddAsync(1, 3);
        BlockId old = (await bucket.AddAsync(0, 2, Labels.Of("cluster", "b"))).Id;
        await new Blocks.BlockMarker(bucket.Memory, bucket.Time, bucket.Logs.CreateLogger("x")).MarkForDeletionAsync(old, "test", Token);
        await using Running running = Start(bucket);
        _ = running.Task;
        await merging.WaitAsync(Token);

        bucket.Time.Advance(TimeSpan.FromHours(49));

        await EventuallyAsync(bucket, () => Task.FromResult(!bucket.Memory.Keys.Any(k => k.StartsWith(old.ToString(), StringComparison.Ordinal))));
        release.Release(100);
        await EventuallyAsync(bucket, async () => (await bucket.LiveAsync()).Count == 1);
    }

    [Fact]
    public async Task A_refused_credential_halts_and_the_next_good_run_ends_that()
    {
        using var bucket = new TestBucket();
        await bucket.AddAsync(0, 2);
        await bucket.AddAsync(1, 3);
        bucket.Faulty.Kind = BucketErrorKind.AccessDenied;
        bucket.Faulty.FailWhen = (operation, _) => operation == "iter";
        await using Running running = Start(bucket);

        await EventuallyAsync(bucket, async () => await running.ValueAsync("thanos_compact_halted") == 1);
        bucket.Faulty.FailWhen = (_, _) => false;
        await EventuallyAsync(bucket, async () => await running.ValueAsync("thanos_compact_halted") == 0 && await running.ValueAsync("thanos_compact_iterations_total") > 0);
        Assert.True(await running.ValueAsync("thanos_compact_retries_total") > 0);
        Assert.Single(await bucket.LiveAsync());
    }

    [Fact]
    public async Task Who_asks_for_a_halt_gets_one_that_lasts()
    {
        using var bucket = new TestBucket();
        bucket.Options = bucket.Options with { Halting = HaltMode.Halt };
        await bucket.AddAsync(0, 2);
        await bucket.AddAsync(1, 3);
        await using Running running = Start(bucket);

        await EventuallyAsync(bucket, async () => await running.ValueAsync("thanos_compact_halted") == 1);
        for (var i = 0; i < 5; i++) bucket.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(1, await running.ValueAsync("thanos_compact_halted"));
        Assert.Equal(2, (await bucket.LiveAsync()).Count);
        Assert.False(running.Task.IsCompleted);
    }

    [Fact]
    public async Task A_halt_stops_the_other_queues_too()
    {
        using var bucket = new TestBucket();
        bucket.Options = bucket.Options with { Halting = HaltMode.Halt };
        await bucket.AddAsync(0, 2);
        await bucket.AddAsync(1, 3);
        BlockId old = (await bucket.AddAsync(0, 2, Labels.Of("cluster", "b"))).Id;
        await new Blocks.BlockMarker(bucket.Memory, bucket.Time, bucket.Logs.CreateLogger("x")).MarkForDeletionAsync(old, "test", Token);
        await using Running running = Start(bucket);
        await EventuallyAsync(bucket, async () => await running.ValueAsync("thanos_compact_halted") == 1);

        for (var i = 0; i < 10; i++) bucket.Time.Advance(TimeSpan.FromHours(10));

        Assert.Contains(BlockLayout.MetaKey(old), bucket.Memory.Keys);
        Assert.Equal(1, await running.ValueAsync("thanos_compact_halted"));
    }

    [Fact]
    public async Task Work_that_does_not_move_is_called_stalled_with_the_reason()
    {
        using var bucket = new TestBucket { Disk = new DiskBudget(() => 0) };
        await bucket.AddAsync(0, 2);
        await bucket.AddAsync(1, 3);
        CompactorService service = bucket.New(null, out ComponentContext context);
        await Assert.ThrowsAsync<ComponentException>(() => service.RunOnceAsync(Token));
        service.Progress.Count(await service.View.SyncAsync(Token));
        Assert.Equal((1, 2), (service.Progress.Backlog!.Compactions, service.Progress.Backlog.CompactionBlocks));
        Assert.Equal(1, await BucketCompactorTests.ValueAsync(context, "thanos_compact_todo_compactions"));
        Assert.True(await BucketCompactorTests.ValueAsync(context, "aion_compact_todo_bytes") > 0);

        service.Progress.Report();
        Assert.Equal("", service.Progress.StallReason);
        bucket.Time.Advance(TimeSpan.FromMinutes(61));
        service.Progress.Report();

        Assert.Contains("disk space", service.Progress.StallReason, StringComparison.Ordinal);
        Assert.Equal(1, await BucketCompactorTests.ValueAsync(context, "aion_compact_stalled"));
        service.Dispose();
    }

    [Fact]
    public async Task The_estimate_follows_the_pace_of_the_jobs()
    {
        using var bucket = new TestBucket();
        for (var i = 0; i < 3; i++) await bucket.AddAsync(i, i + 2);
        using CompactorService service = bucket.New();
        service.Progress.Count(await service.View.SyncAsync(Token));
        Backlog backlog = service.Progress.Backlog!;

        using JobProgress job = service.Progress.Tracker.Start("compact", "g", [], 1000);
        bucket.Time.Advance(TimeSpan.FromSeconds(10));
        service.Progress.Tracker.Succeeded(job);

        Assert.InRange(service.Progress.Tracker.BytesPerSecond, 99, 101);
        Assert.Equal(backlog.Bytes / service.Progress.Tracker.BytesPerSecond, service.Progress.Remaining(backlog).TotalSeconds, 3);
    }

    private static Running Start(TestBucket bucket)
    {
        CompactorService service = bucket.New(null, out ComponentContext context);
        return new Running(service, context);
    }

    /// <summary>Moves the clock on until something is so.</summary>
    private static async Task EventuallyAsync(TestBucket bucket, Func<Task<bool>> condition)
    {
        for (var i = 0; i < 2000; i++)
        {
            if (await condition()) return;
            bucket.Time.Advance(TimeSpan.FromMinutes(1));
            await Task.Delay(10, Token);
        }

        Assert.Fail("it did not come to that");
    }

    private sealed class Running(CompactorService service, ComponentContext context) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();

        public Task Task => field ??= Task.Run(() => service.RunForeverAsync(_stop.Token));

        public async Task<double> ValueAsync(string series)
        {
            _ = Task;
            return await BucketCompactorTests.ValueAsync(context, series);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Record.ExceptionAsync(() => Task);
            service.Dispose();
            _stop.Dispose();
        }
    }

    /// <summary>Merges on a thread of the pool, as the real one does.</summary>
    private sealed class OnThread(IBlockWork inner) : IBlockWork
    {
        public Task<MergeResult> MergeAsync(IReadOnlyList<LocalBlock> sources, string output, MergeOptions options, IRepairSink repairs, CancellationToken cancellationToken) =>
            Task.Run(() => inner.MergeAsync(sources, output, options, repairs, cancellationToken));

        public Task<MergeResult> DownsampleAsync(
            LocalBlock source, string output, long resolutionMs, MergeOptions options, IRepairSink repairs, CancellationToken cancellationToken) =>
            inner.DownsampleAsync(source, output, resolutionMs, options, repairs, cancellationToken);

        public Task<string?> VerifyAsync(IReadOnlyList<LocalBlock> sources, string output, BlockMeta meta, MergeOptions options, KnownRepairs known, CancellationToken cancellationToken) =>
            inner.VerifyAsync(sources, output, meta, options, known, cancellationToken);
    }
}
