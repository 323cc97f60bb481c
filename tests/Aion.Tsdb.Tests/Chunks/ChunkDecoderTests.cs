using Aion.Storage;
using FsCheck.Xunit;

namespace Aion.Tsdb.Tests;

public sealed class ChunkDecoderTests
{
    // (1000,1) (2000,2) (3000,2) (4001,3.5), from the format notes.
    private static readonly byte[] FourSamples = Convert.FromHexString("0004d00f3ff0000000000000e807c25fff2000760580");

    [Fact]
    public void Decodes_the_samples_in_the_closed_range()
    {
        var buffer = new SampleBuffer();

        ChunkDecoder.Decode(new Chunk(ChunkEncoding.Xor, FourSamples), buffer, 2000, 4001);
        ChunkDecoder.Decode(new Chunk(ChunkEncoding.Xor, FourSamples), buffer, 1000, 1999);

        Assert.Equal([2000, 3000, 4001, 1000], buffer.Times.ToArray());
        Assert.Equal([2, 2, 3.5, 1], buffer.Values.ToArray());
    }

    [Fact]
    public void Stops_at_the_count_not_at_the_end_of_the_bytes()
    {
        var buffer = new SampleBuffer();

        ChunkDecoder.Decode(new Chunk(ChunkEncoding.Xor, (byte[])[.. FourSamples, 0]), buffer, 0, 5000);

        Assert.Equal(4, buffer.Count);
    }

    [Fact]
    public void Every_truncation_of_an_XOR_chunk_is_corruption_and_leaves_the_buffer_alone()
    {
        var buffer = new SampleBuffer();
        buffer.Add(1, 1);

        for (var length = 0; length < FourSamples.Length; length++)
        {
            var chunk = new Chunk(ChunkEncoding.Xor, FourSamples.AsMemory(0, length));
            Assert.Throws<TsdbCorruptionException>(() => ChunkDecoder.Decode(chunk, buffer, 0, long.MaxValue));
        }

        Assert.Equal(1, buffer.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(98)]
    [InlineData(255)]
    public void Refuses_encodings_that_hold_no_samples(byte encoding)
    {
        var chunk = new Chunk((ChunkEncoding)encoding, FourSamples);

        var error = Assert.Throws<TsdbCorruptionException>(() => ChunkDecoder.Decode(chunk, new SampleBuffer(), 0, long.MaxValue));

        Assert.Contains($"encoding {encoding}", error.Message);
    }

    [Property(MaxTest = 2000)]
    public void Any_bytes_give_samples_or_a_corruption_exception(byte[] bytes, byte encoding, ushort count)
    {
        byte[] data = [(byte)(count >> 8 & 3), (byte)count, .. bytes, .. bytes, .. bytes];
        var buffer = new SampleBuffer();
        foreach (ChunkEncoding kind in (ReadOnlySpan<ChunkEncoding>)[(ChunkEncoding)(encoding % 8), ChunkEncoding.Aggregate])
        {
            var chunk = new Chunk(kind, data);
            try
            {
                if (kind == ChunkEncoding.Aggregate) AggregateChunkCodec.Split(chunk);
                else ChunkDecoder.Decode(chunk, buffer, long.MinValue, long.MaxValue);
            }
            catch (TsdbCorruptionException)
            {
                Assert.Equal(0, buffer.Count);
            }

            buffer.Clear();
        }
    }
}
