using Aion.Model;

namespace Aion.Tsdb;

/// <summary>What came of appending a histogram to a chunk.</summary>
public enum HistogramAppendResult
{
    Appended,

    /// <summary>Appended, after the whole chunk was written anew with more buckets.</summary>
    Recoded,

    /// <summary>Not appended: it belongs in a new chunk, with the header that was given out.</summary>
    NewChunk,
}

/// <summary>The bucket sides of a histogram chunk, and how a new histogram's layout goes together with it.</summary>
internal sealed record BucketSides(int[] Positive, int[] Negative)
{
    /// <summary>The layout that holds both; spans are kept as they are where one side has all buckets already.</summary>
    public static HistogramLayout Join(
        HistogramLayout chunk, BucketSides inChunk, HistogramLayout added, BucketSides inAdded, out BucketSides joined)
    {
        BucketSpan[] positive = Join(chunk.PositiveSpans, inChunk.Positive, added.PositiveSpans, inAdded.Positive, out int[] positiveAt);
        BucketSpan[] negative = Join(chunk.NegativeSpans, inChunk.Negative, added.NegativeSpans, inAdded.Negative, out int[] negativeAt);
        joined = new BucketSides(positiveAt, negativeAt);
        return chunk with { PositiveSpans = positive, NegativeSpans = negative };
    }

    public bool SameAs(BucketSides other) =>
        Positive.AsSpan().SequenceEqual(other.Positive) && Negative.AsSpan().SequenceEqual(other.Negative);

    private static BucketSpan[] Join(BucketSpan[] chunk, int[] inChunk, BucketSpan[] added, int[] inAdded, out int[] joined)
    {
        joined = BucketIndices.Union(inChunk, inAdded);
        if (joined.Length == inChunk.Length) return chunk;
        return joined.Length == inAdded.Length ? added : BucketIndices.ToSpans(joined);
    }
}
