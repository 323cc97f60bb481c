using Aion.Model;

namespace Aion.Compactor;

/// <summary>
/// A source block can't take part: its index is damaged where no chunk can be saved one by one. The block is to be set aside, and the
/// others are merged without it.
/// </summary>
public sealed class SourceDamagedException(BlockId block, string reason, Exception? inner = null)
    : Exception($"block {block}: {reason}", inner)
{
    public BlockId Block { get; } = block;
}
