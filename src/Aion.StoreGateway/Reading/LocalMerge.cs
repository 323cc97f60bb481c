using System.Runtime.CompilerServices;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>
/// Merges the series of blocks whose files lie on a disk of this machine. Nothing has to be waited for, so that a series is put together at
/// once, its chunks in one array, instead of as a stretch a block that passes through a stream of its own and a merge of streams: that took
/// a third of a query.
/// </summary>
/// <param name="onDamage">Gives the warning, or throws when the request wants all or nothing.</param>
internal sealed class LocalMerge(IReadOnlyList<LocalInput> inputs, ReadContext context, Func<BucketBlock, Exception, string> onDamage)
{
    private const int SeriesPerFrame = 128;

    /// <summary>Of long series fewer make a frame: the places of their chunks take 56 bytes each.</summary>
    public const int ChunksPerFrame = 16_384;

    /// <summary>Nor of long chunks: so much of them is held until the frame after the next.</summary>
    public const long BytesPerFrame = 1 << 20;

    /// <summary>What the place of a chunk takes, here and in the frame that goes out.</summary>
    public const int PlaceBytes = 2 * 56;

    private readonly LocalInput[] _heap = new LocalInput[inputs.Count];
    private readonly List<int> _ends = [];
    private SeriesChunk[] _chunks = new SeriesChunk[64];
    private int _taken;
    private int _count;
    private long _charged;
    private List<string> _warnings = [];

    public async IAsyncEnumerable<SeriesFrame> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long before = 0;
        try
        {
            foreach (LocalInput input in inputs) Push(input);
            while (_count > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return NextFrame();
                foreach (LocalInput input in inputs) _charged += input.TakeLeft();
                // Who asks for the next frame is done with the one before the last.
                context.Memory?.Release(before);
                (before, _charged) = (_charged, 0);
            }
        }
        finally
        {
            foreach (LocalInput input in inputs)
            {
                input.Dispose();
                _charged += input.TakeLeft();
            }

            context.Memory?.Release(before + _charged);
        }

        await Task.CompletedTask;
    }

    private SeriesFrame NextFrame()
    {
        var series = new List<ChunkSeries>(SeriesPerFrame);
        var chunks = 0;
        long bytes = 0;
        while (_count > 0 && series.Count < SeriesPerFrame && chunks < ChunksPerFrame && bytes < BytesPerFrame)
        {
            Labels labels = _heap[0].Labels;
            bytes += TakeStretches(labels);
            chunks += _taken;
            if (_taken > 0) series.Add(Join(labels));
        }

        List<string> warnings = _warnings;
        if (warnings.Count > 0) _warnings = [];
        return new SeriesFrame(series, warnings);
    }

    /// <summary>Reads all stretches of the series in the order of their blocks. A block has several when labels were left out.</summary>
    private long TakeStretches(Labels labels)
    {
        _taken = 0;
        _ends.Clear();
        long bytes = 0;
        do
        {
            LocalInput input = _heap[0];
            context.Limits.Chunks(input.ChunkCount);
            Charge(input.ChunkCount);
            if (_taken + input.ChunkCount > _chunks.Length) Array.Resize(ref _chunks, Math.Max(_taken + input.ChunkCount, 2 * _chunks.Length));
            try
            {
                bytes += input.Place(_chunks.AsSpan(_taken, input.ChunkCount), context.Aggregates);
                _taken += input.ChunkCount;
                _ends.Add(_taken);
            }
            catch (Exception e) when (e is TsdbCorruptionException or BucketException)
            {
                input.Stop();
                _warnings.Add(onDamage(input.Block, e));
            }

            input.MoveNext();
            if (input.AtEnd) Pop();
            else SiftTop(input);
        }
        while (_count > 0 && (ReferenceEquals(_heap[0].Labels, labels) || _heap[0].Labels.Equals(labels)));

        context.Limits.Bytes(bytes);
        context.Counters.Fetched(ReadData.Chunks, _taken, bytes);
        return bytes;
    }

    private void Charge(int chunks)
    {
        long bytes = (long)chunks * PlaceBytes;
        context.Memory?.Charge(bytes, "places of chunks");
        _charged += bytes;
    }

    private ChunkSeries Join(Labels labels)
    {
        ReadOnlySpan<SeriesChunk> chunks = _chunks.AsSpan(0, _taken);
        if (IsSimple(chunks)) return new ChunkSeries(labels, chunks.ToArray());
        var stretches = new List<ChunkSeries>(_ends.Count);
        var from = 0;
        foreach (int end in _ends)
        {
            stretches.Add(new ChunkSeries(labels, chunks[from..end].ToArray()));
            from = end;
        }

        return ChunkDedup.Combine(stretches);
    }

    /// <summary>Raw chunks, one after another: they are the answer as they are. <see cref="ChunkDedup"/> knows the other cases.</summary>
    private static bool IsSimple(ReadOnlySpan<SeriesChunk> chunks)
    {
        for (var i = 0; i < chunks.Length; i++)
            if (chunks[i].Downsampled is not null || (i > 0 && chunks[i].MinTimeMs <= chunks[i - 1].MaxTimeMs)) return false;
        return true;
    }

    private static bool IsBefore(LocalInput a, LocalInput b)
    {
        int order = ReferenceEquals(a.Labels, b.Labels) ? 0 : a.Labels.CompareTo(b.Labels);
        return order != 0 ? order < 0 : a.Ordinal < b.Ordinal;
    }

    private void Push(LocalInput input)
    {
        int at = _count++;
        while (at > 0)
        {
            int parent = (at - 1) / 2;
            if (!IsBefore(input, _heap[parent])) break;
            _heap[at] = _heap[parent];
            at = parent;
        }

        _heap[at] = input;
    }

    private void Pop()
    {
        LocalInput last = _heap[--_count];
        if (_count > 0) SiftTop(last);
    }

    /// <summary>Puts an input that stands, or is to stand, at the top to where it belongs.</summary>
    private void SiftTop(LocalInput input)
    {
        var at = 0;
        while (true)
        {
            int child = 2 * at + 1;
            if (child >= _count) break;
            if (child + 1 < _count && IsBefore(_heap[child + 1], _heap[child])) child++;
            if (!IsBefore(_heap[child], input)) break;
            _heap[at] = _heap[child];
            at = child;
        }

        _heap[at] = input;
    }
}
