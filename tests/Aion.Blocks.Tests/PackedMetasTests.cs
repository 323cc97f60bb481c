using Aion.Model;
using Aion.Testing;

namespace Aion.Blocks.Tests;

public sealed class PackedMetasTests
{
    [Fact]
    public void What_is_packed_comes_out_as_it_was()
    {
        List<BlockMeta> metas = [];
        foreach (string folder in (string[])["data/bucket", "data/bucket-downsampled"])
            foreach (string block in Directory.GetDirectories(SharedFolder.Require("golden", "wire", folder)))
                metas.Add(BlockMetaReader.Parse(File.ReadAllBytes(Path.Combine(block, "meta.json")), block));
        metas.Add(BlockMetaReader.Parse("""
            {"version":1,"ulid":"01KDV000000000000000000001","minTime":-5,"maxTime":9223372036854775807,
             "stats":{"numSamples":18446744073709551615,"numSeries":3,"numChunks":4,"numTombstones":1},
             "compaction":{"level":3,"sources":["01KDV000000000000000000002","01KDV000000000000000000003"],"deletable":true,"failed":true,
               "hints":["from-out-of-order"],"parents":[{"ulid":"01KDV000000000000000000002","minTime":-5,"maxTime":7}]},
             "thanos":{"version":1,"labels":{"a":"ü","b":""},"downsample":{"resolution":300000},"source":"compactor",
               "segment_files":["000001"],"files":[{"rel_path":"index","size_bytes":12,"hash":{"hashFunc":"SHA256","value":"ab"}},{"rel_path":"meta.json"}],
               "rewrites":[{"sources":["x"]}],"index_stats":{"series_max_size":7,"chunk_max_size":8},"extensions":{"k":[1,2]},
               "upload_time":"2026-01-02T03:04:05.6+02:00"}}
            """u8.ToArray(), "made"));

        List<BlockMeta> unpacked = PackedMetas.Decode(PackedMetas.Encode(metas));

        Assert.Equal(metas.Select(Text), unpacked.Select(Text));
        Assert.Equal(metas[^1].Thanos.Labels, unpacked[^1].Thanos.Labels);
        Assert.Equal(metas[^1].Stats, unpacked[^1].Stats);
    }

    [Fact]
    public void No_metas_are_a_pack_too() => Assert.Empty(PackedMetas.Decode(PackedMetas.Encode([])));

    [Fact]
    public void Damage_anywhere_is_found()
    {
        byte[] pack = PackedMetas.Encode([new BlockMeta { Id = BlockId.New(TimeProvider.System), MinTimeMs = 0, MaxTimeMs = 5 }]);
        for (var i = 0; i < pack.Length; i++)
        {
            byte[] damaged = [.. pack];
            damaged[i] ^= 0x40;
            Assert.Throws<FormatException>(() => PackedMetas.Decode(damaged));
            Assert.Throws<FormatException>(() => PackedMetas.Decode(pack[..i]));
        }
    }

    private static string Text(BlockMeta meta) => System.Text.Encoding.UTF8.GetString(BlockMetaWriter.ToUtf8(meta));
}
