using Aion.Model;
using Aion.Storage;

namespace Aion.StoreApi;

/// <summary>A series of a store's answer; decodes and deduplicates when it is read.</summary>
internal sealed class StoreSeries(
    Labels labels, IReadOnlyList<SeriesChunk> chunks, FunctionNeeds needs, string function, ReplicaDedup dedup, SampleBufferPool pool)
    : SampleSeries
{
    public override Labels Labels => labels;

    public override long SizeBytes => SeriesSizes.Of(new ChunkSeries(labels, chunks));

    public override bool ValuesAreCounts => needs.CountsPoints && ReplicaDecoder.HasDownsampled(chunks);

    public override void Read(long minMs, long maxMs, SampleBuffer buffer)
    {
        var decoder = new ReplicaDecoder(needs, pool);
        if (dedup == ReplicaDedup.None || ReplicaSplit.IsSingle(chunks)) decoder.Decode(labels, chunks, minMs, maxMs, buffer);
        else ReadReplicas(decoder, minMs, maxMs, buffer);
    }

    /// <summary>
    /// Replicas are cut to the range first and merged then: the choice between them starts anew with every selection, as upstream's does
    /// (recorded in golden/wire, http-query: sum_over_time over 5m has 11 samples where the choice changes hands at the start).
    /// </summary>
    private void ReadReplicas(ReplicaDecoder decoder, long minMs, long maxMs, SampleBuffer buffer)
    {
        var replicas = new List<SampleBuffer>();
        SampleBuffer merged = pool.Rent();
        try
        {
            foreach (IReadOnlyList<SeriesChunk> replica in ReplicaSplit.Split(chunks))
            {
                SampleBuffer samples = pool.Rent();
                replicas.Add(samples);
                decoder.Decode(labels, replica, minMs, maxMs, samples);
            }

            if (dedup == ReplicaDedup.Chain) ChainDedup.Merge(replicas, merged);
            else PenaltyDedup.Merge(replicas, AdjustsCounters(), merged);
            ReplicaDecoder.AppendRange(merged, minMs, maxMs, buffer);
        }
        finally
        {
            foreach (SampleBuffer samples in replicas) pool.Return(samples);
            pool.Return(merged);
        }
    }

    /// <summary>
    /// A replica that lags behind the other must not look like a reset where one takes over from the other, raw or not. Resets
    /// within a replica stay the engine's business (docs/compatibility.md, W1).
    /// </summary>
    private bool AdjustsCounters() => FunctionNeeds.IsCounterFunction(function);
}
