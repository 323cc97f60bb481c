namespace Aion.StoreGateway;

/// <summary>The three kinds of data that a block is made of; the names are the values of the label <c>data_type</c>, in lower case.</summary>
internal enum ReadData
{
    Postings,
    Series,
    Chunks,
}

/// <summary>
/// Items, bytes and time that one request took, over all of its blocks. Touched is what was used, wherever it came from; fetched is what
/// had to be read from the bucket for it. Thread-safe.
/// </summary>
internal sealed class ReadCounters(StoreGatewayMetrics metrics, TimeProvider time, string tenant)
{
    private static readonly string[] Names = ["postings", "series", "chunks"];

    private readonly Amount[] _touched = [new(), new(), new()], _fetched = [new(), new(), new()];
    private readonly long[] _ticks = new long[3];
    private long _seriesRefetches, _chunkRefetches;

    /// <summary>Used without a read of the bucket.</summary>
    public void Touched(ReadData data, long items, long bytes) => _touched[(int)data].Add(items, bytes);

    /// <summary>Read from the bucket, and used.</summary>
    public void Fetched(ReadData data, long items, long bytes)
    {
        _touched[(int)data].Add(items, bytes);
        _fetched[(int)data].Add(items, bytes);
    }

    public void SeriesRefetch() => Interlocked.Increment(ref _seriesRefetches);

    public void ChunkRefetch() => Interlocked.Increment(ref _chunkRefetches);

    public long Start() => time.GetTimestamp();

    /// <summary>How long one block waited for one kind of data.</summary>
    /// <param name="startedOrTicks">From <see cref="Start"/>.</param>
    public void Waited(ReadData data, long startedOrTicks) => Waited(data, time.GetElapsedTime(startedOrTicks));

    public void Waited(ReadData data, TimeSpan elapsed)
    {
        Interlocked.Add(ref _ticks[(int)data], elapsed.Ticks);
        metrics.FetchDuration(data).WithLabels(tenant).Observe(elapsed.TotalSeconds);
    }

    public TimeSpan Since(long started) => time.GetElapsedTime(started);

    /// <summary>A list of ids in the form that caches keep.</summary>
    public byte[] Encode(uint[] ids)
    {
        long started = time.GetTimestamp();
        byte[] value = PostingsCodec.Encode<uint>(ids);
        Coded("encode", started);
        metrics.PostingsOriginalBytes.WithLabels(tenant).Inc(ids.Length * (double)sizeof(uint));
        metrics.PostingsCompressedBytes.WithLabels(tenant).Inc(value.Length);
        return value;
    }

    /// <summary>Null when the value is no list of ids; then it is read from the bucket.</summary>
    public uint[]? Decode(byte[] value)
    {
        long started = time.GetTimestamp();
        try
        {
            return PostingsCodec.Decode<uint>(value);
        }
        catch (FormatException)
        {
            metrics.PostingsCodingErrors.WithLabels("decode", tenant).Inc();
            return null;
        }
        finally
        {
            Coded("decode", started);
        }
    }

    private void Coded(string operation, long started)
    {
        metrics.PostingsCodings.WithLabels(operation, tenant).Inc();
        metrics.PostingsCodingTime.WithLabels(operation, tenant).Inc(time.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>Postings lists that are read, or whose expansion is found, for one block.</summary>
    public void PostingsOf(long bytes) => metrics.PostingsSize.WithLabels(tenant).Observe(bytes);

    /// <summary>One block for which filtering series stood in for reading some lists.</summary>
    public void Lazy(LazyChoice choice)
    {
        metrics.LazyPostings.Inc();
        metrics.LazyPostingsBytes.Inc(choice.LazyBytes);
        metrics.LazyGroups.WithLabels(choice.Reason).Inc(choice.Lazy.Count);
    }

    /// <summary>Bytes of series that were read and then left out by the matchers of such lists.</summary>
    public void Overfetched(long bytes) => metrics.LazyOverfetchedBytes.Inc(bytes);

    /// <summary>Hands the totals to the instruments, once, at the end of the request.</summary>
    public void Report()
    {
        for (var i = 0; i < Names.Length; i++)
        {
            metrics.DataTouched.WithLabels(Names[i], tenant).Observe(_touched[i].Items);
            metrics.DataSizeTouched.WithLabels(Names[i], tenant).Observe(_touched[i].Bytes);
            metrics.DataFetched.WithLabels(Names[i], tenant).Observe(_fetched[i].Items);
            metrics.DataSizeFetched.WithLabels(Names[i], tenant).Observe(_fetched[i].Bytes);
        }

        metrics.SeriesFetchDurationSum.WithLabels(tenant).Observe(new TimeSpan(_ticks[(int)ReadData.Series]).TotalSeconds);
        metrics.ChunksFetchDurationSum.WithLabels(tenant).Observe(new TimeSpan(_ticks[(int)ReadData.Chunks]).TotalSeconds);
        metrics.SeriesRefetches.WithLabels(tenant).Inc(_seriesRefetches);
        metrics.ChunkRefetches.WithLabels(tenant).Inc(_chunkRefetches);
    }

    private sealed class Amount
    {
        private long _items, _bytes;

        public long Items => Interlocked.Read(ref _items);

        public long Bytes => Interlocked.Read(ref _bytes);

        public void Add(long items, long bytes)
        {
            Interlocked.Add(ref _items, items);
            Interlocked.Add(ref _bytes, bytes);
        }
    }
}
