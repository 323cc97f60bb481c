using System.IO.Compression;
using Aion.Hosting;
using Aion.Storage;
using Aion.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Aion.Sidecar.Tests;

public sealed class ConfigReloaderTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ComponentContext _context;
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    public ConfigReloaderTests()
    {
        _context = new ComponentContext(
            "sidecar", NullLoggerFactory.Instance, _time,
            new ComponentEnvironment
            {
                Variable = name => name switch { "ZONE" => "zürich", "EMPTY" => "", _ => null },
                Output = TextWriter.Null,
                Build = BuildInformation.OfEntryAssembly(),
            });
        File.WriteAllText(Source, "zone: $(ZONE)\n");
    }

    private string Source => _folder.Combine("in.yml");

    private string Output => _folder.Combine("out.yml");

    [Theory]
    [InlineData("zone: $(ZONE)$(EMPTY)!", "zone: zürich!")]
    [InlineData("$ZONE ${ZONE} $(ZO NE) $()", "$ZONE ${ZONE} $(ZO NE) $()")]
    [InlineData("ä $(ZONE)", "ä zürich")]
    [InlineData("", "")]
    public async Task Variables_are_replaced_and_all_else_stays(string config, string expected)
    {
        await File.WriteAllTextAsync(Source, config, _stop.Token);
        var trigger = new CountingTrigger();

        Task run = Start(trigger, output: true);
        await trigger.UntilAsync(1, run);

        Assert.Equal(expected, await File.ReadAllTextAsync(Output, _stop.Token));
    }

    [Fact]
    public async Task A_packed_configuration_is_unpacked()
    {
        using (var packing = new GZipStream(File.Create(Source), CompressionMode.Compress)) packing.Write("zone: $(ZONE)"u8);
        var trigger = new CountingTrigger();

        Task run = Start(trigger, output: true);
        await trigger.UntilAsync(1, run);

        Assert.Equal("zone: zürich", await File.ReadAllTextAsync(Output, _stop.Token));
    }

    [Fact]
    public async Task A_configuration_that_unpacks_without_end_is_refused()
    {
        using (var packing = new GZipStream(File.Create(Source), CompressionMode.Compress))
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i <= ConfigExpansion.MaxBytes >> 20; i++) packing.Write(zeros);
        }

        var e = await Assert.ThrowsAsync<ComponentException>(() => Start(new CountingTrigger(), output: true));

        Assert.Contains("unpacks to more than 64 MiB", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_variable_that_is_not_set_ends_the_start_and_is_named()
    {
        await File.WriteAllTextAsync(Source, "$(ZONE) $(NOT_SET)", _stop.Token);

        var e = await Assert.ThrowsAsync<ComponentException>(() => Start(new CountingTrigger(), output: true));

        Assert.Contains($"{Source}: found reference to unset environment variable \"NOT_SET\"", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Output));
    }

    [Fact]
    public async Task A_rule_file_that_changes_in_a_folder_below_is_a_reload_and_the_same_content_is_none()
    {
        string rules = Directory.CreateDirectory(_folder.Combine("rules", "below")).FullName;
        await File.WriteAllTextAsync(Path.Combine(rules, "a.yml"), "groups: []", _stop.Token);
        var trigger = new CountingTrigger();
        Task run = Start(trigger, output: false, rules: _folder.Combine("rules"));
        await trigger.UntilAsync(1, run);

        await File.WriteAllTextAsync(Path.Combine(rules, "a.yml"), "groups: []", _stop.Token);
        await File.WriteAllTextAsync(Path.Combine(rules, "a.yml"), "groups: [] # changed", _stop.Token);
        await trigger.UntilAsync(2, run);
        File.Delete(Path.Combine(rules, "a.yml"));
        await trigger.UntilAsync(3, run);

        Assert.Equal(3, trigger.Count);
    }

    [Fact]
    public async Task A_reload_that_fails_is_tried_again_after_the_retry_interval()
    {
        var trigger = new CountingTrigger { Failures = 2 };
        Task run = Start(trigger, output: false);

        // The clock stands still but for this: only the retry interval brings the next one.
        await trigger.UntilAsync(1, run);
        await trigger.UntilAsync(2, run, () => _time.Advance(TimeSpan.FromSeconds(5)));
        await trigger.UntilAsync(3, run, () => _time.Advance(TimeSpan.FromSeconds(5)));

        Assert.Equal(3, trigger.Count);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_ends_the_start_and_is_named()
    {
        var e = await Assert.ThrowsAsync<ComponentException>(() => Start(new CountingTrigger(), output: false, rules: _folder.Combine("none")));

        Assert.Contains($"--reloader.rule-dir: {_folder.Combine("none")} is no folder", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_interval_of_0_writes_the_configuration_once()
    {
        var trigger = new CountingTrigger();

        Task run = Start(trigger, output: true, interval: TimeSpan.Zero);
        while (!File.Exists(Output) && !run.IsCompleted) await Task.Delay(10, _stop.Token);

        Assert.False(run.IsCompleted);
        Assert.Equal(0, trigger.Count);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _folder.Dispose();
    }

    private Task Start(IReloadTrigger trigger, bool output, string? rules = null, TimeSpan? interval = null) => new ConfigReloader(
        new ReloaderOptions
        {
            ConfigFile = Source,
            OutputFile = output ? Output : "",
            RuleDirectories = rules is null ? [] : [rules],
            WatchInterval = interval ?? TimeSpan.FromMinutes(3),
            RetryInterval = TimeSpan.FromSeconds(5),
        },
        trigger, _context).RunAsync(_stop.Token);

    private sealed class CountingTrigger : IReloadTrigger
    {
        private int _count;

        public string Method => "http";

        public int Count => Volatile.Read(ref _count);

        public int Failures { get; init; }

        public Task ReloadAsync(CancellationToken cancellationToken) =>
            Interlocked.Increment(ref _count) > Failures
                ? Task.CompletedTask
                : Task.FromException(new StoreException(StoreErrorKind.Unavailable, "not now"));

        public async Task UntilAsync(int count, Task run, Action? meanwhile = null)
        {
            while (Count < count)
            {
                if (run.IsCompleted) await run;
                meanwhile?.Invoke();
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }
        }
    }
}
