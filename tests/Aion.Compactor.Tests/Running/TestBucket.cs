using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Aion.Compactor.Tests;

/// <summary>A bucket of small blocks in memory, and compactors that work on it.</summary>
internal sealed class TestBucket : IDisposable
{
    public const long Hour = 60 * 60 * 1000;
    public static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddDays(1000);

    private readonly TempDirectory _folder = new();
    private int _folders;

    public TestBucket(InMemoryBucket? memory = null, FakeTimeProvider? time = null)
    {
        Time = time ?? new FakeTimeProvider(Start) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };
        Memory = memory ?? new InMemoryBucket(Time);
        Faulty = new FaultyBucket(Memory);
        DataDirectory = _folder.Combine("data");
    }

    public FakeTimeProvider Time { get; }

    public InMemoryBucket Memory { get; }

    public FaultyBucket Faulty { get; }

    /// <summary>Where the next compactor works.</summary>
    public string DataDirectory { get; set; }

    public IBlockWork Work { get; init; } = new PlainBlockWork();

    public DiskBudget Disk { get; init; } = new(() => long.MaxValue / 4);

    public ILoggerFactory Logs { get; init; } = NullLoggerFactory.Instance;

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public CompactorOptions Options { get; set; } = new()
    {
        DataDirectory = "",
        Policy = new CompactionPolicy { ConsistencyDelay = TimeSpan.Zero, DownsamplingEnabled = false },
    };

    public void Dispose() => _folder.Dispose();

    public string NewFolder() => _folder.Combine($"f{_folders++}");

    /// <summary>A block of some series with a sample a minute; hours count from the start.</summary>
    public async Task<BlockMeta> AddAsync(double fromHour, double toHour, Labels? external = null, int series = 2, double offset = 0, long stepMs = 60_000)
    {
        long min = (long)(fromHour * Hour), max = (long)(toHour * Hour);
        var all = new SortedDictionary<Labels, SortedDictionary<long, double>>();
        for (var i = 0; i < series; i++)
        {
            var samples = new SortedDictionary<long, double>();
            for (long t = min; t < max; t += stepMs) samples[t] = (t / stepMs) + i + offset;
            all[Labels.Of("__name__", "m", "i", i.ToString(System.Globalization.CultureInfo.InvariantCulture))] = samples;
        }

        return await AddAsync(min, max, all, external);
    }

    public async Task<BlockMeta> AddAsync(long min, long max, SortedDictionary<Labels, SortedDictionary<long, double>> series, Labels? external = null, Func<BlockMeta, BlockMeta>? edit = null)
    {
        string folder = NewFolder();
        MergeResult written = PlainBlockWork.Write(folder, series);
        BlockId id = BlockId.New(Time);
        var meta = new BlockMeta
        {
            Id = id,
            MinTimeMs = min,
            MaxTimeMs = max,
            Stats = written.Stats,
            Compaction = new BlockCompaction { Level = 1, Sources = [id] },
            Thanos = new ThanosMeta { Version = 1, Labels = external ?? TestMetas.External, Source = BlockSource.Sidecar },
        };
        return await BlockUploader.UploadAsync(Memory, folder, edit?.Invoke(meta) ?? meta, new BlockUploadOptions(), Time, Token);
    }

    public CompactorService New(IBucket? bucket = null) => New(bucket, out _);

    public CompactorService New(IBucket? bucket, out ComponentContext context)
    {
        var environment = new ComponentEnvironment { Variable = _ => null, Output = TextWriter.Null, Build = BuildInformation.OfEntryAssembly() };
        context = new ComponentContext("compact", Logs, Time, environment);
        return new CompactorService(bucket ?? Faulty, Options with { DataDirectory = DataDirectory }, context, Disk, Work);
    }

    public async Task RunAsync(IBucket? bucket = null)
    {
        using CompactorService service = New(bucket);
        await service.RunOnceAsync(Token);
    }

    /// <summary>The complete blocks, by start and end.</summary>
    public async Task<List<BlockMeta>> MetasAsync()
    {
        var metas = new List<BlockMeta>();
        foreach (string key in Memory.Keys.Where(k => k.EndsWith("/meta.json", StringComparison.Ordinal)))
            metas.Add(BlockMetaReader.Parse(await Memory.ReadAllAsync(key, BlockMetaReader.MaxBytes, Token), key));
        return [.. metas.OrderBy(m => m.MinTimeMs).ThenBy(m => m.MaxTimeMs).ThenBy(m => m.Thanos.ResolutionMs).ThenBy(m => m.Id)];
    }

    public bool IsMarked(BlockId id, string file = BlockLayout.DeletionMarkFile) => Memory.Keys.Contains(BlockLayout.Key(id, file));

    /// <summary>The blocks that stay: complete, not marked for deletion.</summary>
    public async Task<List<BlockMeta>> LiveAsync() => [.. (await MetasAsync()).Where(m => !IsMarked(m.Id))];

    /// <summary>All samples of some blocks, with how often each is there.</summary>
    public async Task<Dictionary<(string Series, long Time, double Value), int>> SamplesAsync(IEnumerable<BlockMeta> metas)
    {
        var counts = new Dictionary<(string, long, double), int>();
        foreach (BlockMeta meta in metas)
        {
            string folder = NewFolder();
            Directory.CreateDirectory(Path.Combine(folder, "chunks"));
            foreach (string key in Memory.Keys.Where(k => k.StartsWith(meta.Id.ToString(), StringComparison.Ordinal) && !BlockLayout.IsMark(k)))
                await File.WriteAllBytesAsync(Path.Combine(folder, key[27..]), await Memory.ReadAllAsync(key, int.MaxValue, Token), Token);
            foreach (var (labels, samples) in PlainBlockWork.Read(folder))
            {
                foreach (var (time, value) in samples)
                {
                    var sample = ($"{meta.Thanos.ResolutionMs} {meta.Thanos.Labels} {labels}", time, value);
                    counts[sample] = counts.GetValueOrDefault(sample) + 1;
                }
            }

            Directory.Delete(folder, recursive: true);
        }

        return counts;
    }

    public static string Draw(IEnumerable<BlockMeta> metas) =>
        string.Concat(metas.Select(m => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"[{m.MinTimeMs / (double)Hour},{m.MaxTimeMs / (double)Hour})")));
}
