using Aion.Model;

namespace Aion.Tsdb;

/// <summary>What all histograms of a chunk share: schema, zero threshold, spans, custom bounds (format notes F-6.14 … F-6.16).</summary>
internal sealed record HistogramLayout(
    int Schema, double ZeroThreshold, BucketSpan[] PositiveSpans, BucketSpan[] NegativeSpans, double[] CustomValues)
{
    private const byte ExplicitThreshold = 255;
    private const int ThresholdBias = 243;
    private const double LargestScaledBound = 33_554_430;

    /// <summary>Twice the buckets that schema 8 needs for every double there is; keeps a lying layout from taking memory.</summary>
    private const ulong MaxBuckets = 1 << 20;

    public static HistogramLayout Empty { get; } = new(0, 0, [], [], []);

    public int PositiveBuckets { get; } = CountBuckets(PositiveSpans);

    public int NegativeBuckets { get; } = CountBuckets(NegativeSpans);

    /// <summary>
    /// Reads a layout; a broken one fails the reader and gives <see cref="Empty"/>. No more is allocated than the bytes can hold.
    /// </summary>
    public static HistogramLayout Read(ref BitReader reader)
    {
        double threshold = ReadThreshold(ref reader);
        long schema = reader.ReadVarbitInt();
        BucketSpan[] positive = ReadSpans(ref reader);
        BucketSpan[] negative = ReadSpans(ref reader);
        double[] bounds = schema == FloatHistogram.CustomBucketsSchema ? ReadBounds(ref reader) : [];
        if (schema is < FloatHistogram.CustomBucketsSchema or > 52) reader.Fail();
        return reader.Failed ? Empty : new HistogramLayout((int)schema, threshold, positive, negative, bounds);
    }

    public void Write(BitWriter writer)
    {
        WriteThreshold(writer, ZeroThreshold);
        writer.WriteVarbitInt(Schema);
        WriteSpans(writer, PositiveSpans);
        WriteSpans(writer, NegativeSpans);
        if (Schema != FloatHistogram.CustomBucketsSchema) return;
        writer.WriteVarbitUInt((ulong)CustomValues.Length);
        foreach (double bound in CustomValues) WriteBound(writer, bound);
    }

    private static int CountBuckets(BucketSpan[] spans)
    {
        long count = 0;
        foreach (BucketSpan span in spans) count += span.Length;
        return checked((int)count);
    }

    private static BucketSpan[] ReadSpans(ref BitReader reader)
    {
        ulong count = reader.ReadVarbitUInt();
        // A span takes at least two bits.
        if (count > (ulong)reader.RemainingBits / 2 || count > MaxBuckets) reader.Fail();
        if (reader.Failed || count == 0) return [];
        var spans = new BucketSpan[count];
        ulong buckets = 0;
        for (var i = 0; i < spans.Length; i++)
        {
            ulong length = reader.ReadVarbitUInt();
            long offset = reader.ReadVarbitInt();
            buckets = unchecked(buckets + length);
            if (length > MaxBuckets || buckets > MaxBuckets || offset is < int.MinValue or > int.MaxValue) reader.Fail();
            if (reader.Failed) return [];
            spans[i] = new BucketSpan((int)offset, (uint)length);
        }

        return spans;
    }

    private static void WriteSpans(BitWriter writer, BucketSpan[] spans)
    {
        writer.WriteVarbitUInt((ulong)spans.Length);
        foreach (BucketSpan span in spans)
        {
            writer.WriteVarbitUInt(span.Length);
            writer.WriteVarbitInt(span.Offset);
        }
    }

    private static double ReadThreshold(ref BitReader reader)
    {
        var code = (int)reader.ReadBits(8);
        return code switch
        {
            0 => 0,
            ExplicitThreshold => BitConverter.UInt64BitsToDouble(reader.ReadBits(64)),
            _ => Math.ScaleB(0.5, code - ThresholdBias),
        };
    }

    private static void WriteThreshold(BitWriter writer, double threshold)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(threshold);
        if (threshold == 0)
        {
            writer.WriteBits(0, 8);
            return;
        }

        // A normal power of two has no mantissa bits; 0.5·2^e is the form whose exponent is stored.
        int exponent = (int)(bits >> 52) - 1022;
        if (bits << 12 == 0 && exponent is >= -242 and <= 11)
        {
            writer.WriteBits((ulong)(exponent + ThresholdBias), 8);
            return;
        }

        writer.WriteBits(ExplicitThreshold, 8);
        writer.WriteBits(bits, 64);
    }

    private static double[] ReadBounds(ref BitReader reader)
    {
        ulong count = reader.ReadVarbitUInt();
        if (count > (ulong)reader.RemainingBits || count > MaxBuckets) reader.Fail();
        if (reader.Failed || count == 0) return [];
        var bounds = new double[count];
        for (var i = 0; i < bounds.Length; i++)
        {
            ulong code = reader.ReadVarbitUInt();
            bounds[i] = code == 0 ? BitConverter.UInt64BitsToDouble(reader.ReadBits(64)) : (code - 1) / 1000.0;
            if (reader.Failed) return [];
        }

        return bounds;
    }

    private static void WriteBound(BitWriter writer, double bound)
    {
        double scaled = bound * 1000;
        double rounded = Math.Round(scaled, MidpointRounding.AwayFromZero);
        if (scaled is >= 0 and <= LargestScaledBound && rounded / 1000 == bound)
        {
            writer.WriteVarbitUInt((ulong)rounded + 1);
            return;
        }

        writer.WriteBits(0, 1);
        writer.WriteBits(BitConverter.DoubleToUInt64Bits(bound), 64);
    }
}
