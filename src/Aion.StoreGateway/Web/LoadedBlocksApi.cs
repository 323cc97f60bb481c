using Aion.Blocks;
using Aion.Hosting;

namespace Aion.StoreGateway;

/// <summary>The block viewer's API over a store gateway: what is loaded, and marks on blocks.</summary>
internal static class LoadedBlocksApi
{
    /// <param name="label">External label that titles groups of blocks; "" for none.</param>
    /// <param name="refusesMarks">True with <c>--disable-admin-operations</c>.</param>
    public static BlocksApi Of(BucketGateway gateway, string label, bool refusesMarks) => new()
    {
        Label = label,
        RefusesMarks = refusesMarks,
        // As upstream, any other view than the loaded one is the global one, which a store gateway does not have.
        List = isLoaded => isLoaded ? Loaded(gateway) : BlockListing.Empty,
        MarkForDeletion = gateway.Marker.MarkForDeletionAsync,
        MarkNoCompact = (id, details, token) => gateway.Marker.MarkNoCompactAsync(id, NoCompactReason.Manual, details, token),
    };

    private static BlockListing Loaded(BucketGateway gateway) => new(
        gateway.LoadedBlocks.OrderBy(m => m.MinTimeMs).ThenBy(m => m.Id).Select(m => (ReadOnlyMemory<byte>)BlockMetaWriter.ToUtf8(m)), gateway.LastSynced);
}
