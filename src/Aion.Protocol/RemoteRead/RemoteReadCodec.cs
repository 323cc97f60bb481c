using System.Buffers;
using System.Text;
using Aion.Model;
using Aion.Storage;
using MatchType = Aion.Model.MatchType;

namespace Aion.Protocol;

/// <summary>
/// The messages of Prometheus's remote read (package <c>prometheus</c>, version 1), both ways. Bytes are protobuf without compression
/// and framing; see <see cref="SnappyBlock"/> and <see cref="ChunkedReadFraming"/>.
/// </summary>
public static class RemoteReadCodec
{
    public static byte[] EncodeRequest(RemoteReadRequest request) => Encode((ref ProtoWriter writer) =>
    {
        foreach (var query in request.Queries) writer.WriteBytes(0x0A, EncodeQuery(query));
        if (request.AcceptedResponseTypes.Count > 0)
            writer.WriteBytes(0x12, request.AcceptedResponseTypes.Select(t => (byte)t).ToArray());
    });

    /// <exception cref="WireFormatException">The bytes are no such message.</exception>
    /// <exception cref="FormatException">A matcher is not valid.</exception>
    public static RemoteReadRequest DecodeRequest(ReadOnlySpan<byte> bytes)
    {
        var queries = new List<RemoteReadQuery>();
        var types = new List<RemoteReadResponseType>();
        var reader = new ProtoReader(bytes);
        for (uint tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
        {
            if (tag == 0x0A) queries.Add(ReadQuery(ref reader));
            else if (tag == 0x10) types.Add((RemoteReadResponseType)reader.ReadVarint());
            else if (tag == 0x12)
            {
                int outer = reader.Enter();
                while (!reader.AtEnd) types.Add((RemoteReadResponseType)reader.ReadVarint());
                reader.Leave(outer);
            }
            else reader.Skip(tag);
        }

        return new RemoteReadRequest(queries, types);
    }

    /// <summary>The series of each query, in the order of the queries.</summary>
    /// <exception cref="WireFormatException">The bytes are no such message.</exception>
    public static IReadOnlyList<IReadOnlyList<RemoteReadSeries>> DecodeResponse(ReadOnlySpan<byte> bytes)
    {
        var results = new List<IReadOnlyList<RemoteReadSeries>>();
        var labels = new LabelsDecoder();
        var reader = new ProtoReader(bytes);
        for (uint tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
        {
            if (tag != 0x0A)
            {
                reader.Skip(tag);
                continue;
            }

            var series = new List<RemoteReadSeries>();
            int outer = reader.Enter();
            for (uint inner = reader.ReadTag(); inner != 0; inner = reader.ReadTag())
            {
                if (inner == 0x0A) series.Add(TimeSeriesCodec.Read(ref reader, labels));
                else reader.Skip(inner);
            }

            reader.Leave(outer);
            results.Add(series);
        }

        return results;
    }

    public static byte[] EncodeResponse(IReadOnlyList<IReadOnlyList<RemoteReadSeries>> results) => Encode((ref ProtoWriter writer) =>
    {
        foreach (var result in results)
        {
            writer.WriteBytes(0x0A, Encode((ref ProtoWriter inner) =>
            {
                foreach (var series in result) inner.WriteBytes(0x0A, TimeSeriesCodec.Encode(series));
            }));
        }
    });

    /// <summary>One frame of a streamed answer. Chunk data are slices of <paramref name="buffer"/>.</summary>
    /// <exception cref="WireFormatException">The bytes are no such message.</exception>
    public static ChunkedReadFrame DecodeChunked(ReadOnlyMemory<byte> buffer)
    {
        var series = new List<ChunkSeries>();
        long index = 0;
        var labels = new LabelsDecoder();
        var reader = new ProtoReader(buffer.Span);
        for (uint tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
        {
            if (tag == 0x0A) series.Add(ReadChunkedSeries(ref reader, labels, buffer));
            else if (tag == 0x10) index = reader.ReadInt64();
            else reader.Skip(tag);
        }

        return new ChunkedReadFrame(series, index);
    }

    public static byte[] EncodeChunked(ChunkedReadFrame frame) => Encode((ref ProtoWriter writer) =>
    {
        foreach (var series in frame.Series)
        {
            writer.WriteBytes(0x0A, Encode((ref ProtoWriter inner) =>
            {
                LabelsEncoder.Write(ref inner, series.Labels);
                foreach (var chunk in series.Chunks) inner.WriteBytes(0x12, EncodeChunk(chunk));
            }));
        }

        writer.WriteInteger(0x10, (ulong)frame.QueryIndex);
    });

    internal delegate void WriteAction(ref ProtoWriter writer);

    internal static byte[] Encode(WriteAction write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new ProtoWriter(buffer);
        write(ref writer);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] EncodeQuery(RemoteReadQuery query) => Encode((ref ProtoWriter writer) =>
    {
        writer.WriteInteger(0x08, (ulong)query.StartMs);
        writer.WriteInteger(0x10, (ulong)query.EndMs);
        foreach (var matcher in query.Matchers)
        {
            writer.WriteBytes(0x1A, Encode((ref ProtoWriter inner) =>
            {
                inner.WriteInteger(0x08, (ulong)matcher.Type);
                if (matcher.Name.Length > 0) inner.WriteBytes(0x12, matcher.NameUtf8.Span);
                if (matcher.Value.Length > 0) inner.WriteBytes(0x1A, matcher.ValueUtf8.Span);
            }));
        }
    });

    private static byte[] EncodeChunk(SeriesChunk chunk) => Encode((ref ProtoWriter writer) =>
    {
        writer.WriteInteger(0x08, (ulong)chunk.MinTimeMs);
        writer.WriteInteger(0x10, (ulong)chunk.MaxTimeMs);
        writer.WriteInteger(0x18, (ulong)chunk.Raw.Encoding);
        if (!chunk.Raw.Data.IsEmpty) writer.WriteBytes(0x22, chunk.Raw.Data.Span);
    });

    private static RemoteReadQuery ReadQuery(ref ProtoReader reader)
    {
        long start = 0, end = 0;
        var matchers = new List<LabelMatcher>();
        int outer = reader.Enter();
        for (uint tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
        {
            if (tag == 0x08) start = reader.ReadInt64();
            else if (tag == 0x10) end = reader.ReadInt64();
            else if (tag == 0x1A) matchers.Add(ReadMatcher(ref reader));
            else reader.Skip(tag);
        }

        reader.Leave(outer);
        return new RemoteReadQuery(start, end, matchers);
    }

    private static LabelMatcher ReadMatcher(ref ProtoReader reader)
    {
        ulong type = 0;
        string name = "", value = "";
        int start = reader.Position;
        int outer = reader.Enter();
        for (uint tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
        {
            if (tag == 0x08) type = reader.ReadVarint();
            else if (tag == 0x12) name = Encoding.UTF8.GetString(reader.ReadBytes());
            else if (tag == 0x1A) value = Encoding.UTF8.GetString(reader.ReadBytes());
            else reader.Skip(tag);
        }

        reader.Leave(outer);
        if (type > (ulong)MatchType.NotRegex) ProtoReader.Fail($"unrecognized label matcher type {type}", start);
        return new LabelMatcher((MatchType)type, name, value);
    }

    private static ChunkSeries ReadChunkedSeries(ref ProtoReader reader, LabelsDecoder labels, ReadOnlyMemory<byte> buffer)
    {
        labels.Begin();
        var chunks = new List<SeriesChunk>();
        int outer = reader.Enter();
        for (uint tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
        {
            if (tag == 0x0A) labels.Read(ref reader);
            else if (tag == 0x12) chunks.Add(ReadChunk(ref reader, buffer));
            else reader.Skip(tag);
        }

        reader.Leave(outer);
        return new ChunkSeries(labels.End(), chunks);
    }

    private static SeriesChunk ReadChunk(ref ProtoReader reader, ReadOnlyMemory<byte> buffer)
    {
        long minTime = 0, maxTime = 0;
        ulong encoding = 0;
        ReadOnlyMemory<byte> data = default;
        int start = reader.Position;
        int outer = reader.Enter();
        for (uint tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
        {
            switch (tag)
            {
                case 0x08: minTime = reader.ReadInt64(); break;
                case 0x10: maxTime = reader.ReadInt64(); break;
                case 0x18: encoding = reader.ReadVarint(); break;
                case 0x22:
                    (int from, int length) = reader.ReadRange();
                    data = buffer.Slice(from, length);
                    break;
                default: reader.Skip(tag); break;
            }
        }

        reader.Leave(outer);
        if (encoding is 0 or > (ulong)ChunkEncoding.FloatHistogramSt) ProtoReader.Fail($"unknown chunk encoding {encoding}", start);
        return new SeriesChunk(minTime, maxTime, new Chunk((ChunkEncoding)encoding, data));
    }
}
