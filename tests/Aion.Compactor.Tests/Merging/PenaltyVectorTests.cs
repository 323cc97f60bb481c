using Aion.Storage;

namespace Aion.Compactor.Tests;

/// <summary>The penalty merge of chunks, by the vectors of the reference (L-6.3). A sample is a time, with the time as its value.</summary>
public sealed class PenaltyVectorTests
{
    public static TheoryData<string, string> Vectors => new()
    {
        // Replicas apart by |, chunks by /. Chunks that overlap nothing are outside the fold.
        { "3 8|7 9", "3 8" },
        { "1 2/2 5008|7 9/10", "1 2 5008" },
        { "1 2 3 5|2 3 5", "1 2 3 5" },
        { "0 4|1 2 3 5|2 3 6", "0 4" },
        { "1 2 3 5|4 6", "1 2 3 5" },
        { "0 5|2 20|10 15|18 26|25 30", "0 5" },
        { "0..109|60..109", "0..109" },
        { "0..89|60..149", "0..89" },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Chunks_are_folded_one_by_one(string chunks, string expected)
    {
        SampleBuffer[] buffers = [.. chunks.Split('|', '/').Select(Parse).OrderBy(b => b.Times[0]).ThenBy(b => b.Times[^1])];
        var merged = new SampleBuffer();

        new ChunkFold(MergeFunction.Penalty).Merge(buffers, merged);

        Assert.Equal(Parse(expected).Times.ToArray(), merged.Times.ToArray());
    }

    private static SampleBuffer Parse(string text)
    {
        var buffer = new SampleBuffer();
        foreach (string part in text.Split(' '))
        {
            string[] range = part.Split("..");
            for (int t = int.Parse(range[0]); t <= int.Parse(range[^1]); t++) buffer.Add(t, t);
        }

        return buffer;
    }
}
