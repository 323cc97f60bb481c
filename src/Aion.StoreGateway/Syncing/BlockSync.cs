using System.Collections.Concurrent;
using Aion.Blocks;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Tsdb;
using Microsoft.Extensions.Logging;

namespace Aion.StoreGateway;

/// <summary>Keeps a store's catalog in step with the bucket: loads what is new, drops what is gone. One round at a time.</summary>
internal sealed class BlockSync(
    MetaFetcher fetcher, BlockOpener opener, BucketStore store, StoreGatewayMetrics metrics, TimeProvider time, ILogger logger, int concurrency)
{
    private bool _cleaned;

    /// <summary>One round. A block that can't be loaded is tried again in the next; it never stops the others.</summary>
    /// <exception cref="BucketException">The bucket could not be listed.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        MetaFetchResult found = await fetcher.FetchAsync(cancellationToken);
        IReadOnlyDictionary<BlockId, BucketBlock> before = store.Catalog.Blocks;
        var loaded = new ConcurrentBag<BucketBlock>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(found.Metas.Values.Where(m => !before.ContainsKey(m.Id)), options, async (meta, token) =>
        {
            if (await TryLoadAsync(meta, token) is { } block) loaded.Add(block);
        });

        // Absence proves nothing while some metas could not be read.
        List<BucketBlock> gone = found.IsComplete ? [.. before.Values.Where(b => !found.Metas.ContainsKey(b.Meta.Id))] : [];
        if (!found.IsComplete) logger.LogWarning("no blocks are dropped: {Reason}", found.Incompleteness);
        store.Publish(new BlockCatalog(before.Values.Except(gone).Concat(loaded)));
        foreach (BucketBlock block in gone) Drop(block);
        if (!_cleaned && found.IsComplete)
        {
            Clean(found.Metas.Keys.ToHashSet());
            _cleaned = true;
        }

        metrics.BlocksLoaded.Set(store.Catalog.Blocks.Count);
    }

    private async Task<BucketBlock?> TryLoadAsync(BlockMeta meta, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        metrics.BlockLoads.Inc();
        try
        {
            BucketBlock block = opener.Open(meta);
            await block.Header.PrepareAsync(cancellationToken);
            metrics.LastLoaded.Set(time.GetUtcNow().ToUnixTimeSeconds());
            return block;
        }
        catch (Exception e) when (e is TsdbCorruptionException or BucketException or IOException)
        {
            metrics.BlockLoadFailures.Inc();
            logger.LogWarning("loading block {Block} failed, it is tried again in the next sync: {Reason}", meta.Id, e.Message);
            TryForget(meta.Id);
            return null;
        }
        finally
        {
            metrics.BlockLoadDuration.Observe(time.GetElapsedTime(started).TotalSeconds);
        }
    }

    private void Drop(BucketBlock block)
    {
        metrics.BlockDrops.Inc();
        block.Release();
        TryForget(block.Meta.Id);
    }

    /// <summary>What lies in the data folder of blocks that are gone; a folder that can't be removed is no reason not to serve.</summary>
    private void Clean(HashSet<BlockId> known)
    {
        try
        {
            foreach (BlockId id in opener.Headers.Kept().Where(id => !known.Contains(id)).ToList()) TryForget(id);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("the data folder could not be cleaned: {Reason}", e.Message);
        }
    }

    private void TryForget(BlockId id)
    {
        try
        {
            opener.Headers.Forget(id);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            metrics.BlockDropFailures.Inc();
            logger.LogWarning("the local files of block {Block} could not be removed: {Reason}", id, e.Message);
        }
    }
}
