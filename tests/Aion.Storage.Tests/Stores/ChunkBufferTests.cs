using Aion.Model;

namespace Aion.Storage.Tests;

public sealed class ChunkBufferTests
{
    [Fact]
    public void Memory_is_readable_until_its_last_chunk_is_released()
    {
        ChunkBuffer buffer = Filled(6);
        ChunkSeries first = Series(buffer.Memory[..2]), second = Series(buffer.Memory[2..4], buffer.Memory[4..]);
        buffer.Hold(3);

        ChunkBuffer.Release([first]);
        Assert.Equal([3, 4], second.Chunks[0].Raw.Data.ToArray());

        ChunkBuffer.Release([second]);
        Assert.ThrowsAny<ArgumentException>(() => second.Chunks[0].Raw.Data.Span.Length);
    }

    [Fact]
    public void Every_part_of_an_aggregate_chunk_counts()
    {
        ChunkBuffer buffer = Filled(5);
        Chunk Part(int at) => new(ChunkEncoding.Xor, buffer.Memory.Slice(at, 1));
        var parts = new AggregateChunks(Part(0), Part(1), Part(2), Part(3), Part(4));
        buffer.Hold(5);

        ChunkBuffer.Release([new ChunkSeries(Labels.Empty, [new SeriesChunk(0, 1, default, parts)])]);

        Assert.ThrowsAny<ArgumentException>(() => parts.Min.Data.Span.Length);
    }

    [Fact]
    public void A_series_may_lie_in_several_buffers_and_outside_of_any()
    {
        ChunkBuffer one = Filled(1), two = Filled(2);
        ChunkSeries series = Series(one.Memory, new byte[] { 9 }, two.Memory[..1], default);
        one.Hold(1);
        two.Hold(2);

        ChunkBuffer.Release([series]);

        Assert.ThrowsAny<ArgumentException>(() => series.Chunks[0].Raw.Data.Span.Length);
        Assert.Equal([9], series.Chunks[1].Raw.Data.ToArray());
        Assert.Equal([1], series.Chunks[2].Raw.Data.ToArray());
    }

    [Fact]
    public void A_message_without_chunks_needs_no_memory()
    {
        ChunkBuffer buffer = Filled(3);
        Memory<byte> memory = buffer.Memory;

        buffer.Hold(0);

        Assert.ThrowsAny<ArgumentException>(() => memory.Span.Length);
    }

    private static ChunkBuffer Filled(int length)
    {
        ChunkBuffer buffer = ChunkBuffer.Rent(length);
        for (var i = 0; i < length; i++) buffer.GetSpan()[i] = (byte)(i + 1);
        return buffer;
    }

    private static ChunkSeries Series(params ReadOnlyMemory<byte>[] chunks) =>
        new(Labels.Empty, [.. chunks.Select((c, i) => new SeriesChunk(i, i, new Chunk(ChunkEncoding.Xor, c)))]);
}
