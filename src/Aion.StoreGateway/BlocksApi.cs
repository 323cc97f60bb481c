using System.Globalization;
using System.Text.Json;
using Aion.Blocks;
using Aion.Hosting;
using Microsoft.AspNetCore.Http;

namespace Aion.StoreGateway;

/// <summary>The API of the block viewer: what is loaded. Source: reference/http-api.md, routes of the store gateway.</summary>
/// <param name="label">External label that titles groups of blocks; "" for none.</param>
/// <param name="noMarks">True with <c>--disable-admin-operations</c>.</param>
internal sealed class BlocksApi(BucketGateway gateway, string label, bool noMarks)
{
    public void Map(ApiRoutes routes)
    {
        routes.MapOptions();
        routes.MapGet("/blocks", "blocks", (http, _) => Task.FromResult(Blocks(http)));
        routes.MapPost("/blocks/mark", "blocks_mark", (_, _) => throw new ApiException(
            ApiErrorType.BadData, noMarks ? "Admin operations are disabled" : "marking blocks through the store gateway is not supported yet"));
    }

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
