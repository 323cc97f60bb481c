using System.Globalization;
using Aion.Benchmarks;
using BenchmarkDotNet.Running;

switch (args)
{
    case ["generate", var profile, var bucket]:
        GeneratedBucket.Write(profile, bucket);
        break;
    case ["small-blocks", var count, var bucket]:
        SmallBlocks.Write(bucket, int.Parse(count, CultureInfo.InvariantCulture));
        break;
    case ["delay-proxy", var port, var target, var milliseconds]:
        await DelayProxy.RunAsync(int.Parse(port, CultureInfo.InvariantCulture), target, int.Parse(milliseconds, CultureInfo.InvariantCulture));
        break;
    case ["query", var bucket, var expression, var start, var end, var step, var budgetMiB]:
        await BucketQuery.RunAsync(bucket, expression, Seconds(start), Seconds(end), Seconds(step), long.Parse(budgetMiB, CultureInfo.InvariantCulture));
        break;
    case ["compaction", .. var rest]:
        return await CompactionRun.RunAsync(rest);
    default:
        BenchmarkSwitcher.FromAssembly(typeof(XorDecode).Assembly).Run(args);
        break;
}

return 0;

static long Seconds(string text) => long.Parse(text, CultureInfo.InvariantCulture) * 1000;
