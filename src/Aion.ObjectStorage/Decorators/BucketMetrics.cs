using Prometheus;

namespace Aion.ObjectStorage;

/// <summary>The instruments of buckets, under Thanos's names; one set a registry, shared by all buckets of a component.</summary>
public sealed class BucketMetrics
{
    internal const string List = "iter";
    internal const string Get = "get";
    internal const string GetRange = "get_range";
    internal const string Exists = "exists";
    internal const string Upload = "upload";
    internal const string Delete = "delete";
    internal const string Attributes = "attributes";

    private static readonly string[] Operations = [List, Get, GetRange, Exists, Upload, Delete, Attributes];
    private static readonly string[] Transfers = [Get, GetRange, Upload];
    private static readonly string[] BucketAndOperation = ["bucket", "operation"];

    private static readonly HistogramConfiguration Durations = new() { Buckets = [0.001, 0.01, 0.1, 0.3, 0.6, 1, 3, 6, 9, 20, 30, 60, 90, 120] };

    private readonly Counter _operations;
    private readonly Counter _failures;
    private readonly Histogram _duration;

    // Under the name that older rule files ask for.
    private readonly Histogram _durationByOldName;
    private readonly Counter _fetchedBytes;
    private readonly Histogram _transferredBytes;
    private readonly Gauge _lastUpload;

    public BucketMetrics(IMetricFactory factory)
    {
        _operations = factory.CreateCounter(
            "thanos_objstore_bucket_operations_total", "Total number of all attempted operations against a bucket.", BucketAndOperation);
        _failures = factory.CreateCounter(
            "thanos_objstore_bucket_operation_failures_total",
            "Total number of operations against a bucket that failed, but were not expected to fail in certain way from caller perspective. Those errors have to be investigated.",
            BucketAndOperation);
        _duration = factory.CreateHistogram(
            "thanos_objstore_bucket_operation_duration_seconds",
            "Duration of successful operations against the bucket per operation - iter operations include time spent on each callback.",
            BucketAndOperation,
            Durations);
        _durationByOldName = factory.CreateHistogram(
            "thanos_objstore_operation_duration_seconds",
            "The same as thanos_objstore_bucket_operation_duration_seconds, for rules that ask for this name.",
            BucketAndOperation,
            Durations);
        _fetchedBytes = factory.CreateCounter(
            "thanos_objstore_bucket_operation_fetched_bytes_total", "Total number of bytes fetched from bucket, per operation.", BucketAndOperation);
        _transferredBytes = factory.CreateHistogram(
            "thanos_objstore_bucket_operation_transferred_bytes",
            "Number of bytes transferred from/to bucket per operation.",
            BucketAndOperation,
            new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(32768, 2, 16) });
        _lastUpload = factory.CreateGauge(
            "thanos_objstore_bucket_last_successful_upload_time", "Second timestamp of the last successful upload to the bucket.", ["bucket"]);
    }

    internal BucketInstruments For(string bucket)
    {
        _lastUpload.WithLabels(bucket);
        foreach (string operation in Operations)
        {
            _operations.WithLabels(bucket, operation);
            _failures.WithLabels(bucket, operation);
            _duration.WithLabels(bucket, operation);
            _durationByOldName.WithLabels(bucket, operation);
        }

        foreach (string operation in Transfers)
        {
            _fetchedBytes.WithLabels(bucket, operation);
            _transferredBytes.WithLabels(bucket, operation);
        }

        return new BucketInstruments(this, bucket);
    }

    /// <summary>The instruments with the bucket's name filled in.</summary>
    internal sealed class BucketInstruments(BucketMetrics metrics, string bucket)
    {
        public void Started(string operation) => metrics._operations.WithLabels(bucket, operation).Inc();

        public void Failed(string operation) => metrics._failures.WithLabels(bucket, operation).Inc();

        public void Succeeded(string operation, TimeSpan duration)
        {
            metrics._duration.WithLabels(bucket, operation).Observe(duration.TotalSeconds);
            metrics._durationByOldName.WithLabels(bucket, operation).Observe(duration.TotalSeconds);
        }

        public void Fetched(string operation, long bytes) => metrics._fetchedBytes.WithLabels(bucket, operation).Inc(bytes);

        public void Transferred(string operation, long bytes) => metrics._transferredBytes.WithLabels(bucket, operation).Observe(bytes);

        public void Uploaded(DateTimeOffset now) => metrics._lastUpload.WithLabels(bucket).Set(now.ToUnixTimeMilliseconds() / 1000.0);
    }
}
