using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.Extensions.Logging;

namespace Aion.Tools;

/// <summary>A trouble that blocks may have.</summary>
internal interface IBlockIssue
{
    string Id { get; }

    bool IsRepairable { get; }

    /// <summary>Logs what is found, and repairs it where the check has a disposal.</summary>
    /// <exception cref="ComponentException">The check makes no sense as asked.</exception>
    /// <exception cref="BucketException">The bucket failed.</exception>
    Task CheckAsync(BlockCheck check, CancellationToken cancellationToken);
}

/// <summary>What a check works on.</summary>
/// <param name="Ids">Only these; empty = all.</param>
internal sealed record BlockCheck(IBucket Bucket, IReadOnlySet<BlockId> Ids, ComponentContext Context, ILogger Logger)
{
    /// <summary>Null: nothing is repaired.</summary>
    public BlockDisposal? Disposal { get; init; }

    /// <summary>All complete blocks of the bucket, as it is now.</summary>
    public async Task<IReadOnlyDictionary<BlockId, BlockMeta>> MetasAsync(CancellationToken cancellationToken) =>
        (await BlockFetch.RunAsync(Bucket, [], Context, cancellationToken)).Metas;

    /// <exception cref="ComponentException">Blocks were chosen by id, which an issue of several blocks can't be asked with.</exception>
    public void RefuseIds()
    {
        if (Ids.Count > 0) throw new ComponentException("id matching is not supported");
    }
}
