using System.Buffers.Binary;
using System.Text;
using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Compactor.Tests;

/// <summary>A block whose first series has its two chunks the wrong way round, as an old Prometheus wrote them. No writer of ours makes one.</summary>
internal static class DisorderedBlock
{
    /// <summary>Writes a block of samples every 30 s, from one whole hour to two hours later.</summary>
    public static MergeResult Write(string folder, long fromMs)
    {
        var samples = new SampleBuffer();
        for (long t = fromMs; t < fromMs + (2 * TestBucket.Hour); t += 30_000) samples.Add(t, t / 30_000);
        List<SeriesChunk> chunks = ChunkCutter.Cut(samples);
        Assert.Equal(2, chunks.Count);
        // Entries start at multiples of 16 bytes; one with the right number of labels leaves room to grow.
        for (var extra = 0; !TryWrite(folder, chunks, extra); extra++) Directory.Delete(folder, recursive: true);
        return new MergeResult
        {
            Stats = new Blocks.BlockStats { Samples = 2 * (ulong)samples.Count, FloatSamples = 2 * (ulong)samples.Count, Series = 2, Chunks = 4 },
            IndexStats = default,
        };
    }

    private static bool TryWrite(string folder, List<SeriesChunk> chunks, int extraLabels)
    {
        Assert.InRange(extraLabels, 0, 8);
        string[] names = [.. Enumerable.Range(0, extraLabels).Select(i => $"l{i}")];
        string[] labels = ["__name__", "m", .. names.SelectMany(n => new[] { n, "m" })];
        using (var writer = new BlockWriter(folder))
        {
            foreach (string symbol in (string[])["", "__name__", .. names, "m", "n"]) writer.AddSymbol(Encoding.UTF8.GetBytes(symbol));
            writer.AddSeries(Labels.Of(labels), chunks);
            writer.AddSeries(Labels.Of("__name__", "n"), chunks);
            writer.Complete();
        }

        return TrySwap(folder, 1 + labels.Length);
    }

    private static bool TrySwap(string folder, int labelBytes)
    {
        BlockSeries[] series;
        using (BlockReader reader = BlockReader.Open(folder))
        {
            using IDisposable lease = reader.Lease();
            series = [.. reader.Select([], long.MinValue, long.MaxValue)];
        }

        string path = Path.Combine(folder, "index");
        byte[] index = File.ReadAllBytes(path);
        int start = (int)series[0].Id * 16, next = (int)series[1].Id * 16;
        ChunkMeta early = series[0].Chunks[0], late = series[0].Chunks[1];
        var body = new List<byte>();
        body.AddRange(index[(start + 1)..(start + 1 + labelBytes)]);
        Unsigned(body, 2);
        Signed(body, late.MinTimeMs);
        Unsigned(body, (ulong)(late.MaxTimeMs - late.MinTimeMs));
        Unsigned(body, late.Ref);
        // The way back is a negative distance, which is written as the unsigned number with the same bits.
        Unsigned(body, (ulong)(early.MinTimeMs - late.MaxTimeMs));
        Unsigned(body, (ulong)(early.MaxTimeMs - early.MinTimeMs));
        Signed(body, (long)early.Ref - (long)late.Ref);
        if (start + 1 + body.Count + 4 > next) return false;
        Assert.True(body.Count < 128);
        index[start] = (byte)body.Count;
        body.CopyTo(index, start + 1);
        BinaryPrimitives.WriteUInt32BigEndian(index.AsSpan(start + 1 + body.Count), Crc32C.Compute(index.AsSpan(start + 1, body.Count)));
        index.AsSpan((start + 1 + body.Count + 4)..next).Clear();
        File.WriteAllBytes(path, index);
        return true;
    }

    private static void Unsigned(List<byte> into, ulong value)
    {
        for (; value >= 0x80; value >>= 7) into.Add((byte)(value | 0x80));
        into.Add((byte)value);
    }

    private static void Signed(List<byte> into, long value) => Unsigned(into, (ulong)(value << 1) ^ (ulong)(value >> 63));
}
