using Aion.Hosting;
using Aion.ObjectStorage;

namespace Aion.Compactor;

/// <summary>Downsamples the blocks of a bucket and does nothing else: for a tool without, or beside, a compactor.</summary>
public sealed class BucketDownsampler : IDisposable
{
    private readonly BucketView _view;
    private readonly BucketCompactor _compactor;

    /// <param name="options">Of these, what looking at the bucket and downsampling depend on.</param>
    public BucketDownsampler(IBucket bucket, CompactorOptions options, ComponentContext context)
    {
        Directory.CreateDirectory(options.DataDirectory);
        _view = new BucketView(bucket, options, context.Metrics.Factory, context.Time, context.Logger);
        _compactor = new BucketCompactor(
            new JobServices
            {
                Options = options,
                Bucket = bucket,
                Work = new BlockWork(),
                Disk = DiskBudget.Of(options.DataDirectory),
                Metrics = new CompactorMetrics(context.Metrics, options.Policy.DeleteDelay),
                Time = context.Time,
                Logger = context.Logger,
                Progress = new ProgressTracker(context.Time),
            },
            _view);
    }

    /// <summary>Two passes: raw blocks to five minutes and those of five minutes to one hour, then what the first pass made.</summary>
    /// <returns>What went wrong, as one text; the rest was done. Empty when nothing did.</returns>
    /// <exception cref="BucketException">The bucket could not be looked at.</exception>
    public async Task<string> RunOnceAsync(CancellationToken cancellationToken)
    {
        var findings = new RunFindings();
        await _compactor.DownsampleAsync(findings, cancellationToken);
        return findings.Describe();
    }

    public void Dispose() => _view.Dispose();
}
