using System.Buffers.Binary;
using Aion.Model;

namespace Aion.Tsdb;

/// <summary>Deleted closed intervals of time, by series id (format notes F-8). Immutable; thread-safe.</summary>
public sealed class Tombstones
{
    public const uint Magic = 0x0130BA30;
    private const byte Version = 1;
    private const int HeaderBytes = 5;

    private readonly Dictionary<ulong, TimeRange[]> _bySeries;

    private Tombstones(Dictionary<ulong, TimeRange[]> bySeries) => _bySeries = bySeries;

    public static Tombstones None { get; } = new([]);

    public bool IsEmpty => _bySeries.Count == 0;

    /// <summary>Ids of the series with deletions, in no order.</summary>
    public IReadOnlyCollection<ulong> Series => _bySeries.Keys;

    public static Tombstones Of(IEnumerable<KeyValuePair<ulong, IReadOnlyList<TimeRange>>> intervals)
    {
        var bySeries = new Dictionary<ulong, TimeRange[]>();
        foreach (var (series, ranges) in intervals)
            if (Joined(ranges) is { Length: > 0 } joined) bySeries.Add(series, joined);
        return new Tombstones(bySeries);
    }

    /// <summary>Reads a tombstones file; a missing one is no tombstones.</summary>
    /// <exception cref="TsdbCorruptionException">The file is damaged.</exception>
    public static Tombstones Read(string path)
    {
        if (!File.Exists(path)) return None;
        try
        {
            return Parse(File.ReadAllBytes(path));
        }
        catch (TsdbCorruptionException e) when (e.Path.Length == 0)
        {
            throw e.In(path, 0);
        }
    }

    public static Tombstones Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes + sizeof(uint))
            TsdbCorruptionException.Throw(bytes.Length, "tombstones: the header or the checksum is cut off");
        uint magic = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (magic != Magic) TsdbCorruptionException.Throw(0, $"tombstones: magic number {magic:x8}, expected {Magic:x8}");
        if (bytes[4] != Version) TsdbCorruptionException.Throw(4, $"tombstones: version {bytes[4]} is not known");
        ReadOnlySpan<byte> body = bytes[HeaderBytes..^sizeof(uint)];
        if (Crc32C.Compute(body) != BinaryPrimitives.ReadUInt32BigEndian(bytes[^sizeof(uint)..]))
            TsdbCorruptionException.Throw(HeaderBytes, "tombstones: the checksum does not fit");
        var bySeries = new Dictionary<ulong, List<TimeRange>>();
        var cursor = new ByteCursor(body);
        while (cursor.Remaining > 0)
        {
            int start = cursor.Position;
            ulong series = cursor.ReadUVarint();
            var range = new TimeRange(cursor.ReadVarint(), cursor.ReadVarint());
            if (cursor.Failed) TsdbCorruptionException.Throw(HeaderBytes + start, "tombstones: an entry is cut off");
            if (!bySeries.TryGetValue(series, out List<TimeRange>? ranges)) bySeries.Add(series, ranges = []);
            ranges.Add(range);
        }

        return new Tombstones(bySeries.ToDictionary(p => p.Key, p => Joined(p.Value)));
    }

    /// <summary>The file's bytes, series ascending.</summary>
    public byte[] ToBytes()
    {
        using var body = new MemoryStream();
        Span<byte> number = stackalloc byte[Varint.MaxBytes];
        foreach (ulong series in _bySeries.Keys.Order())
        {
            foreach (TimeRange range in _bySeries[series])
            {
                body.Write(number[..Varint.WriteUVarint(number, series)]);
                body.Write(number[..Varint.WriteVarint(number, range.MinMs)]);
                body.Write(number[..Varint.WriteVarint(number, range.MaxMs)]);
            }
        }

        byte[] entries = body.ToArray();
        var bytes = new byte[HeaderBytes + entries.Length + sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Magic);
        bytes[4] = Version;
        entries.CopyTo(bytes, HeaderBytes);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(bytes.Length - sizeof(uint)), Crc32C.Compute(entries));
        return bytes;
    }

    /// <summary>The deleted intervals of a series: closed, ascending, apart from each other.</summary>
    public ReadOnlySpan<TimeRange> Of(ulong series) => _bySeries.TryGetValue(series, out TimeRange[]? ranges) ? ranges : [];

    private static TimeRange[] Joined(IReadOnlyList<TimeRange> ranges)
    {
        var joined = new List<TimeRange>();
        foreach (TimeRange range in ranges.Where(r => r.MinMs <= r.MaxMs).OrderBy(r => r.MinMs))
        {
            if (joined.Count > 0 && (joined[^1].MaxMs == long.MaxValue || range.MinMs <= joined[^1].MaxMs + 1))
                joined[^1] = joined[^1] with { MaxMs = Math.Max(joined[^1].MaxMs, range.MaxMs) };
            else
                joined.Add(range);
        }

        return [.. joined];
    }
}
