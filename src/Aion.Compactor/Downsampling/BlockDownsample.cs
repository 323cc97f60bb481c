using Aion.Blocks;

namespace Aion.Compactor;

/// <summary>Downsamples a block: raw to five minutes, or five minutes to one hour.</summary>
public static class BlockDownsample
{
    /// <param name="source">Raw for five minutes, five minutes for one hour. The caller disposes it, after the run.</param>
    /// <param name="resolutionMs">See <see cref="BlockResolution"/>.</param>
    /// <returns>Its <c>Stats</c> count windows as samples; see <see cref="CompactedMeta.Downsampled"/>. Empty when nothing is left.</returns>
    /// <exception cref="ArgumentException">The block does not have the resolution to start from.</exception>
    /// <inheritdoc cref="BlockMerge.RunAsync"/>
    public static Task<MergeResult> RunAsync(
        SourceBlock source, long resolutionMs, MergeOptions options, string outputFolder, IRepairSink repairs,
        CancellationToken cancellationToken)
    {
        long from = source.Meta.Thanos.ResolutionMs;
        bool fits = resolutionMs switch
        {
            BlockResolution.FiveMinutes => from == BlockResolution.Raw,
            BlockResolution.OneHour => from == BlockResolution.FiveMinutes,
            _ => false,
        };
        if (!fits) throw new ArgumentException($"block {source.Meta.Id} of resolution {from} ms can't be downsampled to {resolutionMs} ms", nameof(resolutionMs));
        SourceBlock[] sources = [source];
        return SeriesPipeline.RunAsync(
            sources, options, outputFolder, repairs,
            budget => new SeriesDownsampler(sources, resolutionMs, budget).Process,
            cancellationToken);
    }
}
