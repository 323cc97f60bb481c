using Aion.Storage;

namespace Aion.Compactor;

/// <summary>The five aggregates of a downsampled window, in the order of their slots.</summary>
internal enum Aggregate
{
    Count = 0,
    Sum = 1,
    Min = 2,
    Max = 3,
    Counter = 4,
}

/// <summary>Access to the parts of an aggregate chunk by their slot.</summary>
internal static class AggregateParts
{
    public const int Slots = 5;

    public static Chunk Of(AggregateChunks chunks, Aggregate aggregate) => aggregate switch
    {
        Aggregate.Count => chunks.Count,
        Aggregate.Sum => chunks.Sum,
        Aggregate.Min => chunks.Min,
        Aggregate.Max => chunks.Max,
        _ => chunks.Counter,
    };

    /// <summary>No part holds anything.</summary>
    public static bool IsHollow(AggregateChunks chunks) =>
        chunks.Count.IsEmpty && chunks.Sum.IsEmpty && chunks.Min.IsEmpty && chunks.Max.IsEmpty && chunks.Counter.IsEmpty;
}
