using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.Standalone;
using Aion.Storage;
using Aion.Testing;
using Aion.Tsdb;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Aion.Tests;

public sealed class SelfMetricsRecorderTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 30, 0, TimeSpan.Zero));

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Every_scrape_is_in_a_complete_block()
    {
        SelfMetricsRecorder recorder = Recorder();

        await ScrapeAsync(recorder, times: 3);

        Assert.Equal(3, UpSamples(recorder).Length);
        Assert.Single(VisibleBlocks(recorder));
    }

    [Fact]
    public async Task A_window_that_ends_keeps_its_block_and_a_new_one_begins()
    {
        SelfMetricsRecorder recorder = Recorder();
        await ScrapeAsync(recorder, times: 2);

        _time.Advance(TimeSpan.FromHours(2));
        await ScrapeAsync(recorder, times: 2);

        Assert.Equal(2, VisibleBlocks(recorder).Count);
        Assert.Equal(4, UpSamples(recorder).Length);
    }

    [Fact]
    public async Task A_restart_goes_on_with_the_window_it_finds()
    {
        await ScrapeAsync(Recorder(), times: 2);
        SelfMetricsRecorder second = Recorder();

        await ScrapeAsync(second, times: 2);

        long[] samples = UpSamples(second);
        Assert.Equal(4, samples.Length);
        Assert.Equal(samples.Distinct().Order(), samples);
    }

    [Fact]
    public async Task Blocks_of_others_are_left_alone()
    {
        string other = _temp.Combine(BlockId.New(_time).ToString());
        Directory.CreateDirectory(other);
        File.WriteAllText(Path.Combine(other, "meta.json"), "{ not json");

        await ScrapeAsync(Recorder(), times: 3);

        Assert.True(File.Exists(Path.Combine(other, "meta.json")));
    }

    private SelfMetricsRecorder Recorder()
    {
        var registry = new MetricsRegistry(_time);
        registry.Factory.CreateCounter("aion_test_total", "A counter.").Inc();
        return new SelfMetricsRecorder(_temp.Path, Labels.Of("replica", "x"), [registry], _time, NullLogger.Instance);
    }

    private async Task ScrapeAsync(SelfMetricsRecorder recorder, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await recorder.RecordAsync("localhost:1", CancellationToken.None);
            _time.Advance(TimeSpan.FromSeconds(15));
        }
    }

    private List<string> VisibleBlocks(SelfMetricsRecorder recorder) =>
        [.. Directory.GetDirectories(_temp.Path)
            .Where(d => BlockId.TryParse(Path.GetFileName(d), out BlockId id) && !recorder.IsSuperseded(id) && BlockMetaFile.Read(d).Thanos.Source == "standalone")];

    private long[] UpSamples(SelfMetricsRecorder recorder)
    {
        var times = new List<long>();
        foreach (string block in VisibleBlocks(recorder).Order())
        {
            using BlockReader reader = BlockReader.Open(block);
            foreach (BlockSeries series in reader.Select([LabelMatcher.Equal("__name__", "up")], long.MinValue, long.MaxValue))
            {
                var buffer = new SampleBuffer();
                reader.ReadSamples(series, buffer, long.MinValue, long.MaxValue);
                times.AddRange(buffer.Times);
            }
        }

        return [.. times];
    }
}
