using Aion.Blocks;
using Aion.Hosting;

namespace Aion.Tools;

/// <summary>The block viewer's API over a view of a bucket. A mark makes the view look again.</summary>
internal static class ViewedBlocksApi
{
    /// <param name="label">External label that titles groups of blocks; "" for none.</param>
    /// <param name="refusesMarks">True with <c>--disable-admin-operations</c>.</param>
    public static BlocksApi Of(BlocksView view, string label, bool refusesMarks) => new()
    {
        Label = label,
        RefusesMarks = refusesMarks,
        // Only the global view has blocks: this process loads none.
        List = isLoaded => isLoaded ? BlockListing.Empty : Listing(view.Last),
        MarkForDeletion = (id, details, token) => ThenLookAsync(view, view.Marker.MarkForDeletionAsync(id, details, token)),
        MarkNoCompact = (id, details, token) => ThenLookAsync(view, view.Marker.MarkNoCompactAsync(id, NoCompactReason.Manual, details, token)),
    };

    private static BlockListing Listing(BlocksSnapshot last) =>
        new(last.Blocks.Select(m => (ReadOnlyMemory<byte>)BlockMetaWriter.ToUtf8(m)), last.RefreshedAt, last.Error);

    private static async Task ThenLookAsync(BlocksView view, Task marking)
    {
        await marking;
        view.Ask();
    }
}
