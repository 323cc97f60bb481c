using Aion.Blocks;
using Aion.ObjectStorage;

namespace Aion.StoreGateway;

/// <summary>Makes a served block of a meta; nothing of it is read before it is asked for.</summary>
internal sealed class BlockOpener(IBucket bucket, HeaderStore headers, ReadEstimates estimates, TimeProvider time)
{
    public HeaderStore Headers => headers;

    public BucketBlock Open(BlockMeta meta) => new(bucket, meta, new BlockHeader(meta, headers, time), estimates);
}
