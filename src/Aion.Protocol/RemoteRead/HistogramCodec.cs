using Aion.Model;

namespace Aion.Protocol;

/// <summary>
/// <c>prometheus.Histogram</c>: a native histogram is a float one exactly if its count is <c>count_float</c>. The bucket counts are
/// taken as they come; whoever stores or computes validates them.
/// </summary>
internal static class HistogramCodec
{
    public static RemoteHistogram Read(ref ProtoReader reader)
    {
        var raw = default(Fields);
        raw.Begin();
        int start = reader.Position;
        int outer = reader.Enter();
        for (uint tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag()) raw.Read(ref reader, tag);
        reader.Leave(outer);
        if (raw.ResetHint > (ulong)CounterResetHint.Gauge) ProtoReader.Fail($"unknown histogram reset hint {raw.ResetHint}", start);
        return raw.IsFloat ? new RemoteHistogram(raw.Timestamp, null, raw.ToFloat()) : new RemoteHistogram(raw.Timestamp, raw.ToInteger(), null);
    }

    public static byte[] Encode(RemoteHistogram histogram) => RemoteReadCodec.Encode((ref ProtoWriter writer) =>
    {
        if (histogram.Integer is { } integer)
        {
            writer.WriteTag(0x08);
            writer.WriteVarint(integer.Count);
            WriteDouble(ref writer, 0x19, integer.Sum);
            writer.WriteInteger(0x20, ZigZag(integer.Schema));
            WriteDouble(ref writer, 0x29, integer.ZeroThreshold);
            writer.WriteTag(0x30);
            writer.WriteVarint(integer.ZeroCount);
            WriteSpans(ref writer, 0x42, integer.NegativeSpans);
            WriteDeltas(ref writer, 0x4A, integer.NegativeBuckets);
            WriteSpans(ref writer, 0x5A, integer.PositiveSpans);
            WriteDeltas(ref writer, 0x62, integer.PositiveBuckets);
            WriteTail(ref writer, integer.CounterResetHint, histogram.TimestampMs, integer.CustomValues);
        }
        else if (histogram.Float is { } floating)
        {
            writer.WriteDouble(0x11, floating.Count);
            WriteDouble(ref writer, 0x19, floating.Sum);
            writer.WriteInteger(0x20, ZigZag(floating.Schema));
            WriteDouble(ref writer, 0x29, floating.ZeroThreshold);
            writer.WriteDouble(0x39, floating.ZeroCount);
            WriteSpans(ref writer, 0x42, floating.NegativeSpans);
            WriteDoubles(ref writer, 0x52, floating.NegativeBuckets);
            WriteSpans(ref writer, 0x5A, floating.PositiveSpans);
            WriteDoubles(ref writer, 0x6A, floating.PositiveBuckets);
            WriteTail(ref writer, floating.CounterResetHint, histogram.TimestampMs, floating.CustomValues);
        }
    });

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static void WriteDouble(ref ProtoWriter writer, byte tag, double value)
    {
        if (BitConverter.DoubleToInt64Bits(value) != 0) writer.WriteDouble(tag, value);
    }

    private static void WriteSpans(ref ProtoWriter writer, byte tag, BucketSpan[] spans)
    {
        foreach (BucketSpan span in spans)
        {
            ulong offset = ZigZag(span.Offset);
            writer.WriteLength(tag, ProtoWriter.SizeOfInteger(offset) + ProtoWriter.SizeOfInteger(span.Length));
            writer.WriteInteger(0x08, offset);
            writer.WriteInteger(0x10, span.Length);
        }
    }

    private static void WriteDeltas(ref ProtoWriter writer, byte tag, long[] deltas)
    {
        if (deltas.Length == 0) return;
        long size = 0;
        foreach (long delta in deltas) size += ProtoWriter.SizeOfVarint(ZigZag(delta));
        writer.WriteLength(tag, size);
        foreach (long delta in deltas) writer.WriteVarint(ZigZag(delta));
    }

    private static void WriteDoubles(ref ProtoWriter writer, uint tag, double[] values)
    {
        if (values.Length == 0) return;
        writer.WriteTag(tag);
        writer.WriteVarint((ulong)values.Length * sizeof(double));
        foreach (double value in values) writer.WriteDouble(value);
    }

    private static void WriteTail(ref ProtoWriter writer, CounterResetHint hint, long timestampMs, double[] customValues)
    {
        writer.WriteInteger(0x70, (ulong)hint);
        writer.WriteInteger(0x78, (ulong)timestampMs);
        WriteDoubles(ref writer, 0x82, customValues);
    }

    private struct Fields
    {
        public bool IsFloat;
        public ulong ResetHint;
        public long Timestamp;
        private ulong _count, _zeroCount;
        private double _countFloat, _zeroCountFloat, _sum, _zeroThreshold;
        private int _schema;
        private List<BucketSpan> _negativeSpans, _positiveSpans;
        private List<long> _negativeDeltas, _positiveDeltas;
        private List<double> _negativeCounts, _positiveCounts, _customValues;

        public void Begin()
        {
            _negativeSpans = [];
            _positiveSpans = [];
            _negativeDeltas = [];
            _positiveDeltas = [];
            _negativeCounts = [];
            _positiveCounts = [];
            _customValues = [];
        }

        public void Read(ref ProtoReader reader, uint tag)
        {
            switch (tag)
            {
                case 0x08: _count = reader.ReadVarint(); IsFloat = false; break;
                case 0x11: _countFloat = reader.ReadDouble(); IsFloat = true; break;
                case 0x19: _sum = reader.ReadDouble(); break;
                case 0x20: _schema = reader.ReadSint32(); break;
                case 0x29: _zeroThreshold = reader.ReadDouble(); break;
                case 0x30: _zeroCount = reader.ReadVarint(); break;
                case 0x39: _zeroCountFloat = reader.ReadDouble(); break;
                case 0x42: _negativeSpans.Add(ReadSpan(ref reader)); break;
                case 0x48 or 0x4A: ReadDeltas(ref reader, tag, _negativeDeltas); break;
                case 0x51 or 0x52: ReadDoubles(ref reader, tag, _negativeCounts); break;
                case 0x5A: _positiveSpans.Add(ReadSpan(ref reader)); break;
                case 0x60 or 0x62: ReadDeltas(ref reader, tag, _positiveDeltas); break;
                case 0x69 or 0x6A: ReadDoubles(ref reader, tag, _positiveCounts); break;
                case 0x70: ResetHint = reader.ReadVarint(); break;
                case 0x78: Timestamp = reader.ReadInt64(); break;
                case 0x81 or 0x82: ReadDoubles(ref reader, tag, _customValues); break;
                default: reader.Skip(tag); break;
            }
        }

        public readonly Histogram ToInteger() => new()
        {
            CounterResetHint = (CounterResetHint)ResetHint,
            Schema = _schema,
            ZeroThreshold = _zeroThreshold,
            ZeroCount = _zeroCount,
            Count = _count,
            Sum = _sum,
            PositiveSpans = [.. _positiveSpans],
            NegativeSpans = [.. _negativeSpans],
            PositiveBuckets = [.. _positiveDeltas],
            NegativeBuckets = [.. _negativeDeltas],
            CustomValues = [.. _customValues],
        };

        public readonly FloatHistogram ToFloat() => new()
        {
            CounterResetHint = (CounterResetHint)ResetHint,
            Schema = _schema,
            ZeroThreshold = _zeroThreshold,
            ZeroCount = _zeroCountFloat,
            Count = _countFloat,
            Sum = _sum,
            PositiveSpans = [.. _positiveSpans],
            NegativeSpans = [.. _negativeSpans],
            PositiveBuckets = [.. _positiveCounts],
            NegativeBuckets = [.. _negativeCounts],
            CustomValues = [.. _customValues],
        };

        private static BucketSpan ReadSpan(ref ProtoReader reader)
        {
            var offset = 0;
            uint length = 0;
            int outer = reader.Enter();
            for (uint tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
            {
                if (tag == 0x08) offset = reader.ReadSint32();
                else if (tag == 0x10) length = (uint)reader.ReadVarint();
                else reader.Skip(tag);
            }

            reader.Leave(outer);
            return new BucketSpan(offset, length);
        }

        private static void ReadDeltas(ref ProtoReader reader, uint tag, List<long> deltas)
        {
            if ((tag & 7) == 0)
            {
                deltas.Add(reader.ReadSint64());
                return;
            }

            int outer = reader.Enter();
            while (!reader.AtEnd) deltas.Add(reader.ReadSint64());
            reader.Leave(outer);
        }

        private static void ReadDoubles(ref ProtoReader reader, uint tag, List<double> values)
        {
            if ((tag & 7) == 1)
            {
                values.Add(reader.ReadDouble());
                return;
            }

            int outer = reader.Enter();
            while (!reader.AtEnd) values.Add(reader.ReadDouble());
            reader.Leave(outer);
        }
    }
}
