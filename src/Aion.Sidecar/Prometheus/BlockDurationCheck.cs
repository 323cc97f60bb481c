using Aion.Model;

namespace Aion.Sidecar;

/// <summary>
/// Whether blocks can be shipped from a Prometheus with these flags: it must not compact a block before it is in the bucket.
/// </summary>
public static class BlockDurationCheck
{
    private const string MinFlag = "storage.tsdb.min-block-duration";
    private const string MaxFlag = "storage.tsdb.max-block-duration";
    private const string DelayFlag = "storage.tsdb.delay-compact-file.path";

    /// <param name="flags">Of Prometheus, without leading dashes.</param>
    /// <param name="shipperFile">Where this sidecar notes what it shipped.</param>
    /// <param name="ignoreUnequal">The operator takes the risk.</param>
    /// <returns>An error that forbids to go on, or a warning, or neither.</returns>
    public static (string? Error, string? Warning) Judge(IReadOnlyDictionary<string, string> flags, string shipperFile, bool ignoreUnequal)
    {
        if (!TryDuration(flags, MinFlag, out TimeSpan min, out string? error) || !TryDuration(flags, MaxFlag, out TimeSpan max, out error))
            return (error, null);
        if (min != max)
        {
            string delayFile = flags.GetValueOrDefault(DelayFlag, "");
            string unequal = $"Prometheus has --{MinFlag}={PrometheusDuration.Format(min)} and --{MaxFlag}={PrometheusDuration.Format(max)}";
            if (delayFile.Length > 0)
            {
                return Path.GetFullPath(delayFile) == Path.GetFullPath(shipperFile)
                    ? (null, null)
                    : ($"{unequal}, and waits with compaction for the file {delayFile} (--{DelayFlag}), but shipped blocks are noted in {shipperFile}: "
                        + "make the two the same with --tsdb.path and --shipper.meta-file-name", null);
            }

            if (!ignoreUnequal)
            {
                return ($"{unequal}. Compaction needs to be disabled ({MinFlag} = {MaxFlag}), or Prometheus 3 told to wait with "
                    + $"--{DelayFlag}={shipperFile}; else blocks are compacted before they are shipped", null);
            }

            return (null, $"{unequal}: a block that Prometheus compacts before it was shipped will be missing from the bucket");
        }

        return min == TimeSpan.FromHours(2)
            ? (null, null)
            : (null, $"found that TSDB block time is {PrometheusDuration.Format(min)}, not 2h; only 2h is recommended");
    }

    private static bool TryDuration(IReadOnlyDictionary<string, string> flags, string name, out TimeSpan value, out string? error)
    {
        value = default;
        error = null;
        if (!flags.TryGetValue(name, out string? text))
        {
            error = $"Prometheus does not show its flag --{name}; is it a server with a local TSDB (not an agent)?";
            return false;
        }

        if (PrometheusDuration.TryParse(text, out value, out string? reason)) return true;
        error = $"Prometheus shows --{name}=\"{text}\": {reason}";
        return false;
    }
}
