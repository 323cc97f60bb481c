using Aion.Model;
using Aion.Storage;

namespace Aion.Tsdb;

/// <summary>
/// Decodes XOR2 chunks: floats with start timestamps and one joint code for time and value (format notes F-6.27 … F-6.31).
/// </summary>
internal static class Xor2ChunkDecoder
{
    private const int HeaderBytes = 3;

    public static void Decode(ReadOnlySpan<byte> data, int count, SampleBuffer into, long minMs, long maxMs)
    {
        if (data.Length < HeaderBytes) TsdbCorruptionException.Throw(data.Length, "XOR2 chunk: the header is cut off");
        var reader = new BitReader(data, HeaderBytes * 8);
        var start = new StartTimeReader(data[2]);
        XorValue baseline = default;
        long time = 0, delta = 0;
        for (var i = 0; i < count; i++)
        {
            long previousTime = time;
            var stale = false;
            if (i == 0)
            {
                time = reader.ReadVarint();
                // A stale first value is no baseline either: what follows is coded against zero.
                ulong first = reader.ReadBits(64);
                stale = first == StaleMarker.Bits;
                baseline.Bits = stale ? 0 : first;
                start.ReadFirst(ref reader, time);
            }
            else
            {
                stale = i == 1 ? ReadSecond(ref reader, ref delta, ref baseline) : ReadJoint(ref reader, ref delta, ref baseline);
                time = unchecked(time + delta);
                start.ReadNext(ref reader, i, previousTime);
            }

            if (reader.Failed) TsdbCorruptionException.Throw(reader.Position >> 3, $"XOR2 chunk: damaged at sample {i} of {count}");
            if (time < minMs || time > maxMs) continue;
            into.Add(time, stale ? StaleMarker.Value : baseline.Value);
            into.SetStartTime(into.Count - 1, start.StartMs);
        }
    }

    private static bool ReadSecond(ref BitReader reader, ref long delta, ref XorValue baseline)
    {
        delta = (long)reader.ReadUVarint();
        return ReadValue(ref reader, ref baseline);
    }

    /// <returns>True for a stale marker, which leaves the baseline alone.</returns>
    private static bool ReadJoint(ref BitReader reader, ref long delta, ref XorValue baseline)
    {
        switch (reader.ReadOnes(5))
        {
            case 0:
                return false;
            case 1:
                baseline.ReadChanged(ref reader, newWindow: reader.ReadBit());
                return false;
            case 2:
                delta += SignExtend(reader.ReadBits(13), 13);
                break;
            case 3:
                delta += SignExtend(reader.ReadBits(20), 20);
                break;
            case 4:
                delta += (long)reader.ReadBits(64);
                break;
            default:
                return true;
        }

        return ReadValue(ref reader, ref baseline);
    }

    private static bool ReadValue(ref BitReader reader, ref XorValue baseline)
    {
        int ones = reader.ReadOnes(3);
        if (ones is 1 or 2) baseline.ReadChanged(ref reader, newWindow: ones == 2);
        return ones == 3;
    }

    private static long SignExtend(ulong bits, int width) => (long)(bits << (64 - width)) >> (64 - width);
}
