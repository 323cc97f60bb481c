using Aion.Storage;

namespace Aion.Compactor;

/// <summary>Bytes that grow at their end and are kept for the next use; their capacity is charged to a budget. Not thread-safe.</summary>
internal sealed class BudgetedBytes(MemoryBudget budget, string purpose)
{
    private byte[] _bytes = [];

    public int Length { get; private set; }

    public void Clear() => Length = 0;

    /// <summary>Adds bytes to the end and gives them out to be filled, valid until the next call.</summary>
    /// <exception cref="BudgetExceededException">The job's budget has no room for them.</exception>
    public Span<byte> Add(int count)
    {
        int needed = checked(Length + count);
        if (needed > _bytes.Length)
        {
            int capacity = (int)Math.Min(Array.MaxLength, Math.Max(needed + needed / 4L, 64 * 1024));
            budget.Charge(capacity - _bytes.Length, purpose);
            Array.Resize(ref _bytes, capacity);
        }

        Length = needed;
        return _bytes.AsSpan(needed - count, count);
    }

    /// <summary>Takes bytes off the end.</summary>
    public void Cut(int length) => Length = length;

    public ReadOnlyMemory<byte> Slice(int offset, int length) => _bytes.AsMemory(offset, length);
}
