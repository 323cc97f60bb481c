using System.Collections.Concurrent;
using System.Text;
using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Tsdb;
using Microsoft.Extensions.Logging;

namespace Aion.Compactor.Tests;

/// <summary>Blocks that would make a compactor do, or fail at, the same thing in every run.</summary>
public sealed class NeverStuckTests : IDisposable
{
    private readonly TestBucket _bucket = new() { Work = new BlockWork() };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _bucket.Dispose();

    [Fact]
    public async Task A_block_of_which_everything_is_deleted_is_retired()
    {
        BlockMeta deleted = await AddDeletedAsync(DeleteAll);
        await _bucket.AddAsync(8, 10);

        await _bucket.RunAsync();

        Assert.True(_bucket.IsMarked(deleted.Id));
        Assert.Equal("[8,10)", TestBucket.Draw(await _bucket.LiveAsync()));
        int calls = _bucket.Faulty.Calls.Count(c => c.Operation == "upload");
        await _bucket.RunAsync();
        Assert.Equal(calls, _bucket.Faulty.Calls.Count(c => c.Operation == "upload"));
    }

    [Fact]
    public async Task A_block_that_is_partly_deleted_is_written_anew_without_that()
    {
        await AddDeletedAsync(ids => Tombstones.Of([new(ids[0], [new TimeRange(0, TestBucket.Hour)])]));
        await _bucket.AddAsync(8, 10);

        await _bucket.RunAsync();

        BlockMeta made = (await _bucket.LiveAsync())[0];
        Assert.Equal((2, 8 * 60 * 2 - 61), (made.Compaction.Level, (int)made.Stats.Samples));
    }

    [Fact]
    public async Task A_block_that_promises_samples_which_its_index_does_not_lead_to_is_set_aside_once()
    {
        BlockMeta liar = await AddDeletedAsync(DeleteAll, m => m with { Stats = m.Stats with { Samples = m.Stats.Samples + 1 } });
        await _bucket.AddAsync(8, 10);

        ComponentException error = await Assert.ThrowsAsync<ComponentException>(() => _bucket.RunAsync());

        Assert.Contains("their metas count 961, their indexes lead to 960", error.Message, StringComparison.Ordinal);
        Assert.True(_bucket.IsMarked(liar.Id, BlockLayout.NoCompactMarkFile));
        Assert.False(_bucket.IsMarked(liar.Id));
        await _bucket.RunAsync();
    }

    [Fact]
    public async Task Other_blocks_of_the_bucket_are_not_read_again_for_each_merge()
    {
        var others = new List<BlockMeta>();
        for (var i = 0; i < 5; i++) others.Add(await _bucket.AddAsync(0, 2, Labels.Of("cluster", $"other-{i}")));
        for (var i = 0; i < 4; i++)
        {
            await _bucket.AddAsync(i * 10, (i * 10) + 2);
            await _bucket.AddAsync((i * 10) + 1, (i * 10) + 3);
        }

        _bucket.Options = _bucket.Options with { Selector = RelabelRules.Compile([new() { SourceLabels = ["cluster"], Regex = "other-.*", Action = RelabelAction.Drop }]) };
        await _bucket.RunAsync();

        Assert.Equal(4, (await _bucket.LiveAsync()).Count(m => m.Compaction.Level == 2));
        foreach (BlockMeta other in others)
            Assert.InRange(_bucket.Faulty.Calls.Count(c => c.Operation == "get" && c.Key == BlockLayout.MetaKey(other.Id)), 0, 1);
    }

    [Fact]
    public async Task An_incomplete_block_with_a_mark_of_a_newer_version_is_left_alone_and_named()
    {
        var logs = new LogCapture();
        using var bucket = new TestBucket { Logs = logs };
        var partial = BlockId.New(bucket.Time);
        await bucket.Memory.UploadAsync(BlockLayout.IndexKey(partial), "x"u8.ToArray(), Token);
        byte[] mark = Encoding.UTF8.GetBytes($$"""{"id":"{{partial}}","version":7,"deletion_time":1}""");
        await bucket.Memory.UploadAsync(BlockLayout.Key(partial, BlockLayout.DeletionMarkFile), mark, Token);
        bucket.Time.Advance(TimeSpan.FromDays(30));

        await bucket.RunAsync();

        Assert.Contains(BlockLayout.IndexKey(partial), bucket.Memory.Keys);
        Assert.Contains(logs.Lines, l => l.Contains("deletion mark that this version does not know", StringComparison.Ordinal) && l.Contains(partial.ToString(), StringComparison.Ordinal));
    }

    private sealed class LogCapture : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            string fields = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs.Select(p => $"{p.Key}={p.Value}")) : "";
            Lines.Enqueue($"{formatter(state, exception)} {fields}");
        }
    }

    private static Tombstones DeleteAll(IReadOnlyList<ulong> series) =>
        Tombstones.Of(series.Select(id => new KeyValuePair<ulong, IReadOnlyList<TimeRange>>(id, [new TimeRange(0, long.MaxValue)])));

    /// <summary>A block of eight hours, two series, with a file of deletions.</summary>
    private async Task<BlockMeta> AddDeletedAsync(Func<IReadOnlyList<ulong>, Tombstones> delete, Func<BlockMeta, BlockMeta>? edit = null)
    {
        var series = new SortedDictionary<Labels, SortedDictionary<long, double>>();
        for (var i = 0; i < 2; i++)
        {
            var samples = new SortedDictionary<long, double>();
            for (long t = 0; t < 8 * TestBucket.Hour; t += 60_000) samples[t] = t;
            series[Labels.Of("__name__", "m", "i", $"{i}")] = samples;
        }

        BlockMeta meta = await _bucket.AddAsync(0, 8 * TestBucket.Hour, series, edit: m =>
        {
            BlockMeta edited = m with { Stats = m.Stats with { Tombstones = 2 } };
            return edit?.Invoke(edited) ?? edited;
        });
        string index = Path.Combine(_bucket.NewFolder() + "-index");
        await File.WriteAllBytesAsync(index, await _bucket.Memory.ReadAllAsync(BlockLayout.IndexKey(meta.Id), 1 << 20, Token), Token);
        using IndexReader reader = IndexReader.Open(index);
        ulong[] ids = [.. reader.ReadPostings(reader.Postings.All).Select(id => (ulong)id)];
        await _bucket.Memory.UploadAsync(BlockLayout.Key(meta.Id, "tombstones"), delete(ids).ToBytes(), Token);
        return meta;
    }
}
