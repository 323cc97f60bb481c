using System.Text;
using Aion.Testing;

namespace Aion.Blocks.Tests;

public sealed class BlockMarksTests
{
    [Fact]
    public void The_recorded_marks_read_and_write_back_byte_for_byte()
    {
        byte[] deletion = Golden(BlockLayout.DeletionMarkFile);
        byte[] noCompact = Golden(BlockLayout.NoCompactMarkFile);
        byte[] noDownsample = Golden(BlockLayout.NoDownsampleMarkFile);

        Assert.Equal(deletion, BlockMarkJson.ToUtf8(BlockMarkJson.ParseDeletion(deletion, "d")));
        Assert.Equal(noCompact, BlockMarkJson.ToUtf8(BlockMarkJson.ParseNoCompact(noCompact, "c")));
        Assert.Equal(noDownsample, BlockMarkJson.ToUtf8(BlockMarkJson.ParseNoDownsample(noDownsample, "n")));
        Assert.Equal(NoCompactReason.Manual, BlockMarkJson.ParseNoCompact(noCompact, "c").Reason);
    }

    [Theory]
    [InlineData("""{"id":"01M86A64W6ZT8RB32N6A1M8VMY","version":2}""", BlockMetaError.Version)]
    [InlineData("""{"id":"x","version":1}""", BlockMetaError.Corrupt)]
    [InlineData("""{"id":"01M86A64W6ZT8RB32N6A1M8VMY","version":1,"deletion_time":9223372036854775807}""", BlockMetaError.Corrupt)]
    [InlineData("""{"id":""", BlockMetaError.Corrupt)]
    public void A_bad_mark_is_refused(string text, BlockMetaError error) =>
        Assert.Equal(error, Assert.Throws<BlockMetaException>(() => BlockMarkJson.ParseDeletion(Encoding.UTF8.GetBytes(text), "mark")).Error);

    private static byte[] Golden(string name) => File.ReadAllBytes(SharedFolder.Require("golden", "tsdb", "marks", name));
}
