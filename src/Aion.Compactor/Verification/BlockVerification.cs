using System.Runtime.InteropServices;
using Aion.Blocks;
using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>A new block does not hold what its sources hold; the sources must not be retired for it.</summary>
public sealed class VerificationFailedException(BlockId block, string reason, Exception? inner = null)
    : Exception($"block {block} failed its verification: {reason}", inner);

/// <summary>
/// Checks a new block before its sources retire: every series is in order, every chunk is there with its checksum, counts and times are those
/// of the meta, and some series, spread over the block, read back as their sources do.
/// </summary>
public static class BlockVerification
{
    /// <summary>Series that are compared with the sources.</summary>
    public const int DefaultReadBack = 64;

    private const long BatchBytes = 1L << 20;

    /// <param name="directory">The new block.</param>
    /// <param name="meta">Of the new block.</param>
    /// <param name="sources">What it was made from, open.</param>
    /// <param name="function">How it was merged; of no matter for a downsampled block.</param>
    /// <param name="readBack">How many series to compare with the sources.</param>
    /// <param name="known">What was reported of the sources on the way.</param>
    /// <exception cref="VerificationFailedException">Something is not as it should be; says what.</exception>
    public static Task RunAsync(
        string directory, BlockMeta meta, IReadOnlyList<SourceBlock> sources, MergeFunction function, int readBack, KnownRepairs known,
        CancellationToken cancellationToken) =>
        Task.Run(() => Run(directory, meta, sources, function, readBack, known, cancellationToken), cancellationToken);

    private static void Run(
        string directory, BlockMeta meta, IReadOnlyList<SourceBlock> sources, MergeFunction function, int readBack, KnownRepairs known,
        CancellationToken cancellationToken)
    {
        try
        {
            using SourceBlock block = SourceBlock.Open(meta, directory);
            var check = new Check(block, new ReadBack(block, sources, function, known));
            check.Walk(readBack, cancellationToken);
        }
        catch (Exception e) when (e is SourceDamagedException or TsdbCorruptionException or UnsortedSourceException)
        {
            throw new VerificationFailedException(meta.Id, e.Message, e);
        }
    }

    private sealed class Check(SourceBlock block, ReadBack comparison)
    {
        private long _series;
        private long _chunks;
        private long _samples;

        public void Walk(int readBack, CancellationToken cancellationToken)
        {
            using var budget = new MemoryBudget(0, "");
            using var cursor = new SeriesCursor(0, block, SymbolMap.Identity(block.Index.Symbols.Count), new MergeOptions(), sorted: null);
            var feed = new SeriesFeed([cursor], 1, BatchBytes);
            var batch = new SeriesBatch(1, budget);
            SourceBlock[] self = [block];
            var every = (long)Math.Max(1, block.Meta.Stats.Series / (ulong)Math.Max(1, readBack));
            while (feed.Fill(batch))
            {
                cancellationToken.ThrowIfCancellationRequested();
                ChunkFetch.Read(batch, self);
                if (batch.Repairs.Count > 0) Fail($"series {batch.Repairs[0].Series}: {batch.Repairs[0].Reason}");
                foreach (ref readonly SeriesSlot series in CollectionsMarshal.AsSpan(batch.Series))
                {
                    ReadOnlySpan<ChunkSlot> chunks = CollectionsMarshal.AsSpan(batch.Chunks).Slice(series.ChunksFrom, series.ChunkCount);
                    CheckTimes(chunks);
                    if (readBack > 0 && _series % every == 0) comparison.Compare(chunks[0].Series);
                    _series++;
                }

                _samples += batch.Counts.SourceSamples;
                batch.Clear();
            }

            CheckTotals();
        }

        private void CheckTimes(ReadOnlySpan<ChunkSlot> chunks)
        {
            if (chunks.IsEmpty) Fail("a series without chunks");
            _chunks += chunks.Length;
            for (var i = 0; i < chunks.Length; i++)
            {
                ChunkMeta chunk = chunks[i].Meta;
                if (chunk.MinTimeMs < block.Meta.MinTimeMs || chunk.MaxTimeMs > block.LastMs)
                    Fail($"series {chunks[i].Series}: chunk [{chunk.MinTimeMs}, {chunk.MaxTimeMs}] is not inside the block");
                if (i > 0 && chunk.MinTimeMs <= chunks[i - 1].Meta.MaxTimeMs) Fail($"series {chunks[i].Series}: chunks overlap at {chunk.MinTimeMs}");
            }
        }

        private void CheckTotals()
        {
            Blocks.BlockStats stats = block.Meta.Stats;
            if ((ulong)_series != stats.Series) Fail($"{_series} series, the meta says {stats.Series}");
            if ((ulong)_chunks != stats.Chunks) Fail($"{_chunks} chunks, the meta says {stats.Chunks}");
            if ((ulong)_samples != stats.Samples) Fail($"{_samples} samples, the meta says {stats.Samples}");
        }

        private void Fail(string reason) => throw new VerificationFailedException(block.Meta.Id, reason);
    }
}
