using System.Globalization;
using System.Text.Json;
using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Aion.StoreGateway;

/// <summary>The API of the block viewer: what is loaded, and marks on blocks. Source: reference/http-api.md, routes of the store gateway.</summary>
/// <param name="label">External label that titles groups of blocks; "" for none.</param>
/// <param name="noMarks">True with <c>--disable-admin-operations</c>.</param>
internal sealed class BlocksApi(BucketGateway gateway, string label, bool noMarks)
{
    public void Map(ApiRoutes routes)
    {
        routes.MapOptions();
        routes.MapGet("/blocks", "blocks", (http, _) => Task.FromResult(Blocks(http)));
        routes.MapPost("/blocks/mark", "blocks_mark", MarkAsync);
    }

    private async Task<ApiResult> MarkAsync(HttpContext http, CancellationToken cancellationToken)
    {
        if (noMarks) throw Bad("Admin operations are disabled");
        IFormCollection? form = http.Request.HasFormContentType ? await http.Request.ReadFormAsync(cancellationToken) : null;
        string id = Parameter("id"), action = Parameter("action"), detail = Parameter("detail");
        if (id.Length == 0) throw Bad("ID cannot be empty");
        if (!BlockId.TryParse(id, out BlockId block)) throw Bad($"ULID \"{id}\" is not valid");
        if (action.Length == 0) throw Bad("Action cannot be empty");
        try
        {
            if (action == "DELETION") await gateway.Marker.MarkForDeletionAsync(block, detail, cancellationToken);
            else if (action == "NO_COMPACTION") await gateway.Marker.MarkNoCompactAsync(block, NoCompactReason.Manual, detail, cancellationToken);
            else throw Bad($"not supported marker {action}");
        }
        catch (BucketException e)
        {
            throw Bad(e.Message);
        }

        return ApiResult.NoContent;

        // As Go reads a form: the body's values stand before those of the URL.
        string Parameter(string name) =>
            form is not null && form.TryGetValue(name, out StringValues given) ? given[0] ?? "" : http.Request.Query[name].ToString();
    }

    private static ApiException Bad(string message) => new(ApiErrorType.BadData, message);

    /// <summary>As upstream, any other view than the loaded one is the global one, which a store gateway does not have.</summary>
    private ApiResult Blocks(HttpContext http)
    {
        bool isLoaded = http.Request.Query["view"] == "loaded";
        return ApiResult.Json(json =>
        {
            json.WriteStartObject();
            json.WriteString("label", label);
            json.WriteStartArray("blocks");
            if (isLoaded)
            {
                foreach (BlockMeta meta in gateway.LoadedBlocks.OrderBy(m => m.MinTimeMs).ThenBy(m => m.Id))
                {
                    using JsonDocument document = JsonDocument.Parse(BlockMetaWriter.ToUtf8(meta));
                    document.RootElement.WriteTo(json);
                }
            }

            json.WriteEndArray();
            DateTimeOffset? refreshed = isLoaded ? gateway.LastSynced : null;
            json.WriteString(
                "refreshedAt", (refreshed ?? DateTimeOffset.MinValue).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
            json.WriteNull("err");
            json.WriteEndObject();
        });
    }
}
