using Aion.Model;

namespace Aion.Protocol;

/// <summary><c>prometheus.TimeSeries</c>: labels, samples, native histograms. Exemplars are skipped.</summary>
internal static class TimeSeriesCodec
{
    public static RemoteReadSeries Read(ref ProtoReader reader, LabelsDecoder labels)
    {
        labels.Begin();
        var samples = new List<Sample>();
        var histograms = new List<RemoteHistogram>();
        int outer = reader.Enter();
        for (uint tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
        {
            if (tag == 0x0A) labels.Read(ref reader);
            else if (tag == 0x12) samples.Add(ReadSample(ref reader));
            else if (tag == 0x22) histograms.Add(HistogramCodec.Read(ref reader));
            else reader.Skip(tag);
        }

        reader.Leave(outer);
        return new RemoteReadSeries(labels.End(), samples, histograms);
    }

    public static byte[] Encode(RemoteReadSeries series) => RemoteReadCodec.Encode((ref ProtoWriter writer) =>
    {
        LabelsEncoder.Write(ref writer, series.Labels);
        foreach (Sample sample in series.Samples)
        {
            bool zero = BitConverter.DoubleToInt64Bits(sample.Value) == 0;
            writer.WriteLength(0x12, (zero ? 0 : 9) + ProtoWriter.SizeOfInteger((ulong)sample.TimestampMs));
            if (!zero) writer.WriteDouble(0x09, sample.Value);
            writer.WriteInteger(0x10, (ulong)sample.TimestampMs);
        }

        foreach (RemoteHistogram histogram in series.Histograms) writer.WriteBytes(0x22, HistogramCodec.Encode(histogram));
    });

    private static Sample ReadSample(ref ProtoReader reader)
    {
        double value = 0;
        long timestamp = 0;
        int outer = reader.Enter();
        for (uint tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
        {
            if (tag == 0x09) value = reader.ReadDouble();
            else if (tag == 0x10) timestamp = reader.ReadInt64();
            else reader.Skip(tag);
        }

        reader.Leave(outer);
        return new Sample(timestamp, value);
    }
}
