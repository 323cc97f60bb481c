using Aion.Compactor;
using Aion.Hosting;
using Aion.ObjectStorage;

namespace Aion.Tools;

/// <summary><c>tools bucket downsample</c>: downsamples the blocks of a bucket, again and again.</summary>
internal static class DownsampleCommand
{
    public static ComponentDefinition Definition { get; } = ComponentDefinition.Create(
        "tools bucket downsample", "Continuously downsample the blocks of the bucket.", static flags => new Handles(flags), SetupAsync);

    private static async Task SetupAsync(
        Handles handles, ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken)
    {
        CompactorOptions options = handles.Options(flags);
        IBucket bucket = await BucketGroup.OpenAsync(flags, context, cancellationToken);
        new HttpServer(context, handles.Http.Options(flags)).AddTo(group);
        group.Add("downsample", async token =>
        {
            using BucketDownsampler downsampler = new(bucket, options, context);
            context.Probe.SetReady();
            await RunAsync(downsampler, options.WaitInterval, context, token);
        });
        context.Logger.Info("starting downsample node");
    }

    private static async Task RunAsync(BucketDownsampler downsampler, TimeSpan interval, ComponentContext context, CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(interval, context.Time);
        do
        {
            string failures;
            try
            {
                failures = await downsampler.RunOnceAsync(cancellationToken);
            }
            catch (BucketException e)
            {
                failures = e.Message;
            }

            // The next round tries again; upstream ends here, and leaves it to whoever restarts it.
            if (failures.Length > 0) context.Logger.Error("downsampling failed", [("err", failures)]);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private sealed class Handles(FlagSet flags)
    {
        private readonly HashFuncFlag _hashFunc = new(flags);

        public HttpFlags Http { get; } = new(flags);

        public Flag<TimeSpan> WaitInterval { get; } = flags.GoDuration("wait-interval", "Pause between runs.", "5m");

        public Flag<int> Concurrency { get; } = flags.Int("downsample.concurrency", "Blocks downsampled at once.", "1");

        public Flag<int> FileConcurrency { get; } = flags.Int("block-files-concurrency", "Files of a block fetched or stored at once.", "1");

        public Flag<string> DataDirectory { get; } = flags.String("data-dir", "Folder to work in: downloaded and new blocks, and copies of metas.", "./data");

        /// <exception cref="ComponentException">A flag makes no sense.</exception>
        public CompactorOptions Options(ParsedFlags values)
        {
            foreach (Flag<int> count in (Flag<int>[])[Concurrency, FileConcurrency])
                if (values.Get(count) < 1) throw new ComponentException($"--{count.Name} must be at least 1");
            if (values.Get(WaitInterval) <= TimeSpan.Zero) throw new ComponentException($"--{WaitInterval.Name} must be more than 0");
            return new CompactorOptions
            {
                DataDirectory = values.Get(DataDirectory),
                // Every block there is, however young, as the original has it.
                Policy = new CompactionPolicy { ConsistencyDelay = TimeSpan.Zero },
                DownsampleConcurrency = values.Get(Concurrency),
                FileConcurrency = values.Get(FileConcurrency),
                WaitInterval = values.Get(WaitInterval),
                Sha256 = _hashFunc.IsSha256(values),
            };
        }
    }
}
