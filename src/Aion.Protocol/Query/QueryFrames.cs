using System.Text;

namespace Aion.Protocol;

/// <summary>
/// Encodes the messages of an answer of <c>thanos.Query</c>; <c>QueryResponse</c> and <c>QueryRangeResponse</c> are equal on the wire. By hand,
/// since a long answer would be an object a sample with generated code.
/// </summary>
public static class QueryFrames
{
    public static byte[] Warnings(string text) => RemoteReadCodec.Encode((ref ProtoWriter writer) => writer.WriteBytes(0x0A, Encoding.UTF8.GetBytes(text)));

    public static byte[] Series(RemoteReadSeries series) =>
        RemoteReadCodec.Encode((ref ProtoWriter writer) => writer.WriteBytes(0x12, TimeSeriesCodec.Encode(series)));

    public static byte[] Statistics(long samplesTotal, long peakSamples) => RemoteReadCodec.Encode((ref ProtoWriter writer) =>
    {
        writer.WriteLength(0x1A, ProtoWriter.SizeOfInteger((ulong)samplesTotal) + ProtoWriter.SizeOfInteger((ulong)peakSamples));
        writer.WriteInteger(0x08, (ulong)samplesTotal);
        writer.WriteInteger(0x10, (ulong)peakSamples);
    });

    public static byte[] Batch(IReadOnlyList<RemoteReadSeries> batch) => RemoteReadCodec.Encode((ref ProtoWriter writer) => writer.WriteBytes(
        0x22,
        RemoteReadCodec.Encode((ref ProtoWriter inner) =>
        {
            foreach (RemoteReadSeries series in batch) inner.WriteBytes(0x0A, TimeSeriesCodec.Encode(series));
        })));
}
