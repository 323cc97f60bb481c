using Aion.Model;
using Aion.Protocol;
using Aion.Protocol.Wire;
using Aion.Storage;
using FsCheck;
using FsCheck.Xunit;
using Google.Protobuf;
using Chunk = Aion.Storage.Chunk;

namespace Aion.StoreApi.Tests;

public sealed class SeriesMessageCodecTests
{
    [Fact]
    public void What_a_peer_gets_wrong_in_labels_is_repaired()
    {
        var wire = new SeriesResponse { Series = new Series() };
        wire.Series.Labels.Add(new Label { Name = "z", Value = "1" });
        wire.Series.Labels.Add(new Label { Name = "a", Value = "1" });
        wire.Series.Labels.Add(new Label { Name = "a", Value = "2" });
        wire.Series.Labels.Add(new Label { Name = "empty", Value = "" });
        byte[] bytes = wire.ToByteArray();
        bytes[Array.IndexOf(bytes, (byte)'z')] = 0xFF;

        Labels labels = Assert.Single(SeriesMessageCodec.Decode(bytes).Series).Labels;

        Assert.Equal("{a=\"2\", \"\uFFFD\"=\"1\"}", labels.ToString());
    }

    [Fact]
    public void A_chunk_without_hash_gets_one()
    {
        var series = new ChunkSeries(Labels.Of("a", "1"), [new SeriesChunk(1, 2, new Chunk(ChunkEncoding.Xor, new byte[] { 0, 1, 2 }))]);

        SeriesResponse wire = SeriesResponse.Parser.ParseFrom(SeriesMessageCodec.Encode(SeriesMessage.One(series)));

        Assert.Equal(System.IO.Hashing.XxHash64.HashToUInt64([0, 1, 2]), wire.Series.Chunks[0].Raw.Hash);
    }

    [Fact]
    public void A_peer_that_needs_no_hashes_gets_those_that_are_known()
    {
        var series = new ChunkSeries(
            Labels.Of("a", "1"),
            [
                new SeriesChunk(1, 2, new Chunk(ChunkEncoding.Xor, new byte[] { 0, 1, 2 })),
                new SeriesChunk(3, 4, new Chunk(ChunkEncoding.Xor, new byte[] { 0, 1, 2 }, 99)),
            ]);

        SeriesResponse wire = SeriesResponse.Parser.ParseFrom(SeriesMessageCodec.Encode(SeriesMessage.One(series, leaveHashesOut: true)));

        Assert.Equal([0, 99], wire.Series.Chunks.Select(c => c.Raw.Hash));
    }

    [Fact]
    public void An_unknown_chunk_type_is_refused()
    {
        var wire = new SeriesResponse { Series = new Series() };
        wire.Series.Chunks.Add(new AggrChunk { Raw = new Aion.Protocol.Wire.Chunk { Type = (Aion.Protocol.Wire.Chunk.Types.Encoding)99 } });

        var error = Assert.Throws<WireFormatException>(() => SeriesMessageCodec.Decode(wire.ToByteArray()));

        Assert.Contains("unknown chunk type 99", error.Message, StringComparison.Ordinal);
    }

    [Property]
    public bool Encoding_equals_the_generated_code(NonEmptyArray<(PositiveInt Value, long MinTime, byte[] Data, bool Downsampled)> input, bool batch)
    {
        var series = input.Get.Select((s, i) => new ChunkSeries(
            Labels.Of("__name__", "m", "v", new string('x', s.Value.Get % 300 + 1)),
            s.Downsampled
                ? [new SeriesChunk(s.MinTime, i, default, new AggregateChunks(Xor(s.Data), default, Xor([]), Xor(s.Data), Xor([1])))]
                : [new SeriesChunk(s.MinTime, i, Xor(s.Data)), new SeriesChunk(0, 0, default)])).ToList();
        SeriesMessage message = batch ? SeriesMessage.Batch(series) : SeriesMessage.One(series[0]);

        byte[] bytes = SeriesMessageCodec.Encode(message);

        byte[] generated = SeriesResponse.Parser.ParseFrom(bytes).ToByteArray();
        byte[] again = SeriesMessageCodec.Encode(SeriesMessageCodec.Decode(bytes));
        return bytes.AsSpan().SequenceEqual(generated) && bytes.AsSpan().SequenceEqual(again);
    }

    private static Chunk Xor(byte[] data) => new(ChunkEncoding.Xor, data);
}
