using System.Text;
using Aion.Storage;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Aion.Protocol;

/// <summary>Bytes to <see cref="SeriesMessage"/>. Chunk data are slices of the given buffer, which the message keeps alive.</summary>
internal static class SeriesMessageDecoder
{
    /// <exception cref="WireFormatException">The bytes are no such message.</exception>
    public static SeriesMessage Decode(ReadOnlyMemory<byte> buffer) => Decode(new State(buffer));

    /// <summary>The same for a buffer of the pool, which gets to know how many slices of it are out.</summary>
    /// <exception cref="WireFormatException">The bytes are no such message.</exception>
    public static SeriesMessage Decode(ChunkBuffer buffer)
    {
        var state = new State(buffer.Memory);
        SeriesMessage message = Decode(state);
        buffer.Hold(state.Slices);
        return message;
    }

    private static SeriesMessage Decode(State state)
    {
        ReadOnlyMemory<byte> buffer = state.Buffer;
        var reader = new ProtoReader(buffer.Span);
        SeriesMessage message = SeriesMessage.Empty;
        for (uint tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
        {
            switch (tag)
            {
                case 0x0A:
                    message = SeriesMessage.One(ReadSeries(ref reader, state));
                    break;
                case 0x12:
                    message = SeriesMessage.OfWarning(Encoding.UTF8.GetString(reader.ReadBytes()));
                    break;
                case 0x1A:
                    message = SeriesMessage.OfHints(ReadAny(reader.ReadBytes(), reader.Position));
                    break;
                case 0x22:
                    message = SeriesMessage.Batch(ReadBatch(ref reader, state));
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        return message;
    }

    private static Any ReadAny(ReadOnlySpan<byte> bytes, int offset)
    {
        try
        {
            return Any.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new WireFormatException(e.Message, offset);
        }
    }

    private static List<ChunkSeries> ReadBatch(ref ProtoReader reader, State state)
    {
        var batch = new List<ChunkSeries>();
        int outer = reader.Enter();
        for (uint tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
        {
            if (tag == 0x0A) batch.Add(ReadSeries(ref reader, state));
            else reader.Skip(tag);
        }

        reader.Leave(outer);
        return batch;
    }

    private static ChunkSeries ReadSeries(ref ProtoReader reader, State state)
    {
        state.Labels.Begin();
        state.Chunks.Clear();
        int outer = reader.Enter();
        for (uint tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
        {
            if (tag == 0x0A) state.Labels.Read(ref reader);
            else if (tag == 0x12) state.Chunks.Add(ReadAggrChunk(ref reader, state));
            else reader.Skip(tag);
        }

        reader.Leave(outer);
        return new ChunkSeries(state.Labels.End(), state.Chunks.Count == 0 ? [] : state.Chunks.ToArray());
    }

    private static SeriesChunk ReadAggrChunk(ref ProtoReader reader, State state)
    {
        long minTime = 0, maxTime = 0;
        Chunk raw = default, count = default, sum = default, min = default, max = default, counter = default;
        var downsampled = false;
        int outer = reader.Enter();
        for (uint tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
        {
            switch (tag)
            {
                case 0x08: minTime = reader.ReadInt64(); break;
                case 0x10: maxTime = reader.ReadInt64(); break;
                case 0x1A: raw = ReadChunk(ref reader, state); break;
                case 0x22: count = ReadChunk(ref reader, state); downsampled = true; break;
                case 0x2A: sum = ReadChunk(ref reader, state); downsampled = true; break;
                case 0x32: min = ReadChunk(ref reader, state); downsampled = true; break;
                case 0x3A: max = ReadChunk(ref reader, state); downsampled = true; break;
                case 0x42: counter = ReadChunk(ref reader, state); downsampled = true; break;
                default: reader.Skip(tag); break;
            }
        }

        reader.Leave(outer);
        return new SeriesChunk(minTime, maxTime, raw, downsampled ? new AggregateChunks(count, sum, min, max, counter) : null);
    }

    private static Chunk ReadChunk(ref ProtoReader reader, State state)
    {
        ulong type = 0, hash = 0;
        ReadOnlyMemory<byte> data = default;
        int start = reader.Position;
        int outer = reader.Enter();
        for (uint tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
        {
            switch (tag)
            {
                case 0x08: type = reader.ReadVarint(); break;
                case 0x12:
                    (int from, int length) = reader.ReadRange();
                    data = state.Slice(from, length);
                    break;
                case 0x18: hash = reader.ReadVarint(); break;
                default: reader.Skip(tag); break;
            }
        }

        reader.Leave(outer);
        if (type > (ulong)ChunkEncoding.FloatHistogramSt - 1) ProtoReader.Fail($"unknown chunk type {type}", start);
        return new Chunk((ChunkEncoding)(type + 1), data, hash);
    }

    /// <summary>What is reused from series to series of one message.</summary>
    private sealed class State(ReadOnlyMemory<byte> buffer)
    {
        public ReadOnlyMemory<byte> Buffer { get; } = buffer;

        /// <summary>Chunk data handed out so far that have any byte.</summary>
        public int Slices { get; private set; }

        public ReadOnlyMemory<byte> Slice(int start, int length)
        {
            if (length > 0) Slices++;
            return Buffer.Slice(start, length);
        }

        public LabelsDecoder Labels { get; } = new();

        public List<SeriesChunk> Chunks { get; } = [];
    }
}
