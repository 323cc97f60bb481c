using System.Text;
using System.Text.RegularExpressions;
using Aion.Model;
using Aion.Testing;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Aion.Blocks.Tests;

public sealed partial class BlockMetaTests
{
    [Fact]
    public void Every_recorded_meta_reads_and_those_of_Thanos_write_back_byte_for_byte()
    {
        string golden = SharedFolder.Require("golden");
        int read = 0, same = 0;
        foreach (string file in Directory.EnumerateFiles(golden, "meta.json", SearchOption.AllDirectories))
        {
            byte[] bytes = File.ReadAllBytes(file);
            BlockMeta meta = BlockMetaReader.Parse(bytes, file);
            read++;
            if (!Encoding.UTF8.GetString(bytes).Contains("\"thanos\"", StringComparison.Ordinal) || bytes[^1] != '\n') continue;
            Assert.Equal(TenthsOfMicroseconds(Encoding.UTF8.GetString(bytes)), Encoding.UTF8.GetString(BlockMetaWriter.ToUtf8(meta)));
            same++;
        }

        Assert.True(read > 0 && same > 0);
    }

    [Fact]
    public void All_fields_come_out_in_the_order_and_form_of_Thanos()
    {
        const string Text = """
            {
            	"ulid": "01M869PTTK54H6P8EPSEDWWGXQ",
            	"minTime": -5,
            	"maxTime": 7200000,
            	"stats": {
            		"numSamples": 1,
            		"numFloatSamples": 2,
            		"numHistogramSamples": 3,
            		"numSeries": 4,
            		"numChunks": 5,
            		"numTombstones": 18446744073709551615
            	},
            	"compaction": {
            		"level": 2,
            		"sources": [
            			"01M869F4VSFTXGEMYY44HMH3JZ"
            		],
            		"deletable": true,
            		"parents": [
            			{
            				"ulid": "01M869F4VSFTXGEMYY44HMH3JZ",
            				"minTime": 1,
            				"maxTime": 2
            			}
            		],
            		"failed": true,
            		"hints": [
            			"from-out-of-order"
            		]
            	},
            	"version": 1,
            	"thanos": {
            		"version": 1,
            		"labels": {
            			"a": "\u003c\u0026\u003e \" \\ ü \n\t\b\f\u0001\u2028 '+/",
            			"empty": "",
            			"ö": "😀"
            		},
            		"downsample": {
            			"resolution": 300000
            		},
            		"source": "sidecar",
            		"segment_files": [
            			"000001"
            		],
            		"files": [
            			{
            				"rel_path": "chunks/000001",
            				"size_bytes": 12,
            				"hash": {
            					"hashFunc": "SHA256",
            					"value": "ab"
            				}
            			},
            			{
            				"rel_path": "meta.json"
            			}
            		],
            		"rewrites": [
            			{
            				"sources": [
            					"01M869F4VSFTXGEMYY44HMH3JZ"
            				]
            			}
            		],
            		"index_stats": {
            			"series_max_size": 100,
            			"chunk_max_size": 200
            		},
            		"extensions": {
            			"x": [],
            			"y": {},
            			"z": 1.50
            		},
            		"upload_time": "2026-01-02T03:04:05.123Z"
            	}
            }

            """;

        BlockMeta meta = BlockMetaReader.Parse(Encoding.UTF8.GetBytes(Text), "test");

        Assert.Equal(Text, Encoding.UTF8.GetString(BlockMetaWriter.ToUtf8(meta)));
        Assert.Equal(ulong.MaxValue, meta.Stats.Tombstones);
        Assert.Equal("", meta.Thanos.Labels.GetValueOrNull("empty"));
    }

    [Fact]
    public void Absent_parts_and_nulls_are_defaults()
    {
        BlockMeta meta = Parse("""{"ulid":"01M869PTTK54H6P8EPSEDWWGXQ","minTime":1,"maxTime":2,"version":1,"stats":null,"thanos":{"labels":null,"files":null}}""");

        Assert.Equal(Labels.Empty, meta.Thanos.Labels);
        Assert.Null(meta.Thanos.UploadTime);
        Assert.Empty(meta.Compaction.Sources);
        Assert.Equal("01M869PTTK54H6P8EPSEDWWGXQ", meta.Id.ToString());
    }

    [Theory]
    [InlineData("""{"version":2}""", BlockMetaError.Version, "version 2")]
    [InlineData("""{}""", BlockMetaError.Version, "version 0")]
    [InlineData("""{"version":1,"thanos":{"version":2},"ulid":"01M869PTTK54H6P8EPSEDWWGXQ"}""", BlockMetaError.Version, "thanos section version 2")]
    [InlineData("""{"version":1}""", BlockMetaError.Corrupt, "field ulid")]
    [InlineData("""{"version":1,"ulid":"01m869pttk54h6p8epsedwwgxq"}""", BlockMetaError.Corrupt, "field ulid")]
    [InlineData("""{"version":1,"ulid":"01M869PTTK54H6P8EPSEDWWGXQ","minTime":1.5}""", BlockMetaError.Corrupt, "field minTime")]
    [InlineData("""{"version":1,"ulid":"01M869PTTK54H6P8EPSEDWWGXQ","minTime":3,"maxTime":2}""", BlockMetaError.Corrupt, "after maxTime")]
    [InlineData("""{"version":1,"ulid":"01M869PTTK54H6P8EPSEDWWGXQ","stats":{"numSeries":-1}}""", BlockMetaError.Corrupt, "field stats.numSeries")]
    [InlineData("""{"version":1,"ulid":"01M869PTTK54H6P8EPSEDWWGXQ","compaction":{"sources":["x"]}}""", BlockMetaError.Corrupt, "field compaction.sources[0]")]
    [InlineData("""{"version":1,"ulid":"01M869PTTK54H6P8EPSEDWWGXQ","thanos":{"labels":{"a":1}}}""", BlockMetaError.Corrupt, "field thanos.labels.a")]
    [InlineData("""{"version":1,"ulid":"01M869PTTK54H6P8EPSEDWWGXQ","thanos":{"files":[{"rel_path":1}]}}""", BlockMetaError.Corrupt, "field thanos.files[0].rel_path")]
    [InlineData("""{"version":1,"ulid":"01M869PTTK54H6P8EPSEDWWGXQ","thanos":{"files":[{"size_bytes":-1}]}}""", BlockMetaError.Corrupt, "field thanos.files[0].size_bytes")]
    [InlineData("""{"version":1,"ulid":"01M869PTTK54H6P8EPSEDWWGXQ","thanos":{"upload_time":"yesterday"}}""", BlockMetaError.Corrupt, "field thanos.upload_time")]
    [InlineData("""{"version":1,"ulid":"\ud800"}""", BlockMetaError.Corrupt, "test")]
    [InlineData("""[]""", BlockMetaError.Corrupt, "the document must be an object")]
    [InlineData("""{"ver""", BlockMetaError.Corrupt, "no valid JSON")]
    [InlineData("", BlockMetaError.Corrupt, "no valid JSON")]
    public void Errors_name_the_field(string text, BlockMetaError error, string expected)
    {
        var e = Assert.Throws<BlockMetaException>(() => Parse(text));

        Assert.Equal(error, e.Error);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Contains("test", e.Message, StringComparison.Ordinal);
    }

    [Property]
    public bool Any_text_in_a_label_survives(NonNull<string> text)
    {
        var meta = Meta() with { Thanos = new ThanosMeta { Labels = Labels.Of("a", Valid(text.Get), "b", "x") } };

        return BlockMetaReader.Parse(BlockMetaWriter.ToUtf8(meta), "test").Thanos.Labels == meta.Thanos.Labels;
    }

    [Property]
    public bool Any_numbers_survive(long min, ulong samples, int level, long seriesMax)
    {
        var meta = Meta() with
        {
            MinTimeMs = Math.Min(min, long.MaxValue - 1),
            MaxTimeMs = long.MaxValue,
            Stats = new BlockStats { Samples = samples, Tombstones = ulong.MaxValue - samples },
            Compaction = new BlockCompaction { Level = level },
            Thanos = new ThanosMeta { IndexStats = new IndexStats(Math.Abs(seriesMax / 2), 3) },
        };

        BlockMeta back = BlockMetaReader.Parse(BlockMetaWriter.ToUtf8(meta), "test");

        return back.MinTimeMs == meta.MinTimeMs && back.MaxTimeMs == meta.MaxTimeMs && back.Stats == meta.Stats
            && back.Compaction.Level == level && back.Thanos.IndexStats == meta.Thanos.IndexStats;
    }

    [Property]
    public bool Any_bytes_are_read_or_refused(byte[] bytes, int cutAt)
    {
        byte[] good = BlockMetaWriter.ToUtf8(Meta());
        byte[] cut = good[..(int)((uint)cutAt % (uint)good.Length)];

        return Refused(bytes) && Refused(cut);
    }

    [Fact]
    public void Writing_to_a_folder_leaves_hard_links_to_the_old_file_alone()
    {
        using var folder = new TempDirectory();
        BlockMetaFile.Write(folder.Path, Meta());
        ObjectStorage.DurableFile.HardLink(folder.Combine("meta.json"), folder.Combine("link"));
        string before = File.ReadAllText(folder.Combine("link"));

        BlockMetaFile.Write(folder.Path, Meta() with { MaxTimeMs = 99 });

        Assert.Equal(before, File.ReadAllText(folder.Combine("link")));
        Assert.Equal(99, BlockMetaFile.Read(folder.Path).MaxTimeMs);
        Assert.Equal(["link", "meta.json"], Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Group_keys_are_those_of_Thanos()
    {
        Assert.Equal("0@17241709254077376921", BlockLayout.GroupKey(0, Labels.Empty));
        Assert.Equal("0@2124638872457683483", BlockLayout.GroupKey(0, Labels.Of("foo", "bar", "foo1", "bar2")));
        Assert.Equal(
            "0@16590761456214576373",
            BlockLayout.GroupKey(0, Labels.Of("foo/some..thing/some.thing/../", """a_b_c/bar-something-a\metric/a\x""")));
    }

    // The clock here ticks in 100 ns; the last two digits of a Go time are not kept.
    private static string TenthsOfMicroseconds(string meta) => Nanoseconds().Replace(meta, m => m.Groups[1].Value.TrimEnd('0') + "Z");

    [GeneratedRegex(@"(\.\d{7})\d{1,2}Z")]
    private static partial Regex Nanoseconds();

    private static BlockMeta Meta() => new() { Id = Parse("""{"ulid":"01M869PTTK54H6P8EPSEDWWGXQ","version":1}""").Id, MinTimeMs = 0, MaxTimeMs = 10 };

    private static BlockMeta Parse(string text) => BlockMetaReader.Parse(Encoding.UTF8.GetBytes(text), "test");

    // Unpaired surrogates are no text in UTF-8.
    private static string Valid(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static bool Refused(byte[] bytes)
    {
        try
        {
            BlockMetaReader.Parse(bytes, "test");
            return false;
        }
        catch (BlockMetaException)
        {
            return true;
        }
    }
}
