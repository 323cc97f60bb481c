namespace Aion.Storage.Tests;

public sealed class ReplicaSplitTests
{
    [Theory]
    [InlineData("0-20 0-30 21-50 31-60 100-160", "0-20 21-50 100-160 | 0-30 31-60")]
    [InlineData("50-55 55-100", "50-55 | 55-100")]
    [InlineData("0-20 0-30 1-15 2-36 16-200 21-50 31-60 100-160", "0-20 21-50 100-160 | 0-30 31-60 | 1-15 16-200 | 2-36")]
    [InlineData("0-20 21-30", "0-20 21-30")]
    [InlineData("", "")]
    public void Overlapping_chunks_go_to_replicas_of_their_own(string chunks, string expected)
    {
        List<SeriesChunk> given = [.. chunks.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];

        var replicas = ReplicaSplit.Split(given);

        Assert.Equal(expected, string.Join(" | ", replicas.Select(r => string.Join(' ', r.Select(c => $"{c.MinTimeMs}-{c.MaxTimeMs}")))));
        Assert.Equal(replicas.Count <= 1, ReplicaSplit.IsSingle(given));
    }

    private static SeriesChunk Parse(string range)
    {
        long[] ends = [.. range.Split('-').Select(long.Parse)];
        return new SeriesChunk(ends[0], ends[1], default);
    }
}
