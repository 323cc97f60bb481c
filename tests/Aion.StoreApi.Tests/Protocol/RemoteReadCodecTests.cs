using System.Buffers;
using Aion.Model;
using Aion.Protocol;
using Aion.Storage;
using FsCheck.Xunit;
using MatchType = Aion.Model.MatchType;

namespace Aion.StoreApi.Tests;

public sealed class RemoteReadCodecTests
{
    [Fact]
    public void A_request_survives()
    {
        var request = new RemoteReadRequest(
            [new RemoteReadQuery(-5, 1_000, [LabelMatcher.Equal("__name__", "up"), new LabelMatcher(MatchType.NotRegex, "job", "a|b")])],
            [RemoteReadResponseType.StreamedXorChunks, RemoteReadResponseType.Samples]);

        byte[] bytes = RemoteReadCodec.EncodeRequest(request);
        RemoteReadRequest again = RemoteReadCodec.DecodeRequest(bytes);

        Assert.Equivalent(request, again, strict: true);
        // query { start -5, end 1000, two matchers }, packed types 1 and 0.
        Assert.Equal([0x12, 0x02, 0x01, 0x00], bytes[^4..]);
    }

    [Fact]
    public void Sampled_answers_survive_with_histograms()
    {
        var integer = new Histogram
        {
            Schema = -4,
            Count = 7,
            Sum = -1.5,
            ZeroCount = 1,
            ZeroThreshold = 0.001,
            CounterResetHint = CounterResetHint.Gauge,
            PositiveSpans = [new(-3, 2)],
            PositiveBuckets = [4, -2],
            NegativeSpans = [new(1, 1)],
            NegativeBuckets = [1],
        };
        var custom = new FloatHistogram
        {
            Schema = FloatHistogram.CustomBucketsSchema,
            Count = 2.5,
            Sum = 3,
            CustomValues = [0.5, 1],
            PositiveSpans = [new(0, 3)],
            PositiveBuckets = [1, 0.5, 1],
        };
        var series = new RemoteReadSeries(
            Labels.Of("__name__", "h", "a", "b"), [new Sample(1, 0), new Sample(2, StaleMarker.Value)], [new(3, integer, null), new(4, null, custom)]);

        var again = RemoteReadCodec.DecodeResponse(RemoteReadCodec.EncodeResponse([[series], []]));

        Assert.Equal(2, again.Count);
        Assert.Empty(again[1]);
        Assert.Equivalent(series, again[0][0], strict: true);
        Assert.True(StaleMarker.Is(again[0][0].Samples[1].Value));
    }

    [Fact]
    public async Task Streamed_frames_survive()
    {
        var frame = new ChunkedReadFrame(
            [new ChunkSeries(Labels.Of("a", "1"), [new SeriesChunk(1, 2, new Chunk(ChunkEncoding.FloatHistogram, new byte[] { 0, 1, 9 }))])], 3);
        var stream = new ArrayBufferWriter<byte>();
        ChunkedReadFraming.WriteFrame(stream, RemoteReadCodec.EncodeChunked(frame));
        ChunkedReadFraming.WriteFrame(stream, []);

        var frames = new List<ChunkedReadFrame>();
        await foreach (var data in ChunkedReadFraming.ReadFramesAsync(new MemoryStream(stream.WrittenSpan.ToArray()), 1000, default))
            frames.Add(RemoteReadCodec.DecodeChunked(data));

        Assert.Equal(2, frames.Count);
        Assert.Equal(3, frames[0].QueryIndex);
        SeriesChunk chunk = frames[0].Series[0].Chunks[0];
        Assert.Equal((1, 2, ChunkEncoding.FloatHistogram), (chunk.MinTimeMs, chunk.MaxTimeMs, chunk.Raw.Encoding));
        Assert.Equal([0, 1, 9], chunk.Raw.Data.ToArray());
    }

    [Theory]
    [InlineData("frame cut off", new byte[] { 3, 0, 0, 0, 0, 1 })]
    [InlineData("frame checksum mismatch", new byte[] { 1, 0, 0, 0, 0, 1 })]
    [InlineData("exceeds the limit", new byte[] { 0xFF, 0x7F, 0, 0, 0, 0 })]
    [InlineData("exceeds the limit", new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF })]
    public async Task A_bad_frame_is_named(string expected, byte[] stream)
    {
        var error = await Assert.ThrowsAsync<WireFormatException>(async () =>
        {
            await foreach (var _ in ChunkedReadFraming.ReadFramesAsync(new MemoryStream(stream), 1000, default))
            {
            }
        });

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_checksum_is_castagnoli() => Assert.Equal(
        [0x09, 0xE3, 0x06, 0x92, 0x83], FrameOf("123456789"u8.ToArray())[..5]);

    [Property]
    public bool Any_bytes_decode_or_are_refused(byte[] bytes)
    {
        foreach (Action decode in new Action[]
        {
            () => RemoteReadCodec.DecodeRequest(bytes), () => RemoteReadCodec.DecodeResponse(bytes),
            () => RemoteReadCodec.DecodeChunked(bytes), () => SeriesMessageCodec.Decode(bytes), () => SnappyBlock.Decompress(bytes, 100_000),
        })
        {
            try
            {
                decode();
            }
            catch (FormatException)
            {
            }
        }

        return true;
    }

    private static byte[] FrameOf(byte[] data)
    {
        var stream = new ArrayBufferWriter<byte>();
        ChunkedReadFraming.WriteFrame(stream, data);
        return stream.WrittenSpan.ToArray();
    }
}
