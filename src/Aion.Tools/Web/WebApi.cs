using System.Globalization;
using System.Text.Json;
using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.AspNetCore.Http;

namespace Aion.Tools;

/// <summary>The API of the block viewer (reference/http-api.md H-6).</summary>
/// <param name="label">External label that titles groups of blocks; "" for none.</param>
/// <param name="noMarks">True with <c>--disable-admin-operations</c>.</param>
internal sealed class WebApi(BlocksView view, string label, bool noMarks)
{
    public void Map(ApiRoutes routes)
    {
        routes.MapOptions();
        routes.MapGet("/blocks", "blocks", (http, _) => Task.FromResult(Blocks(http)));
        routes.MapPost("/blocks/mark", "blocks_mark", MarkAsync);
    }

    /// <summary>Only the global view has blocks: this process loads none.</summary>
    private ApiResult Blocks(HttpContext http)
    {
        BlocksSnapshot last = http.Request.Query["view"] == "loaded" ? new([], null, null) : view.Last;
        return ApiResult.Json(json =>
        {
            json.WriteStartObject();
            json.WriteString("label", label);
            json.WriteStartArray("blocks");
            foreach (BlockMeta meta in last.Blocks)
            {
                using JsonDocument document = JsonDocument.Parse(BlockMetaWriter.ToUtf8(meta));
                document.RootElement.WriteTo(json);
            }

            json.WriteEndArray();
            json.WriteString(
                "refreshedAt",
                (last.RefreshedAt ?? DateTimeOffset.MinValue).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
            // Upstream shows an empty object, which hides what is wrong.
            if (last.Error is { } error) json.WriteString("err", error);
            else json.WriteNull("err");
            json.WriteEndObject();
        });
    }

    private async Task<ApiResult> MarkAsync(HttpContext http, CancellationToken cancellationToken)
    {
        if (noMarks) throw Bad("Admin operations are disabled");
        IFormCollection? form = http.Request.HasFormContentType ? await http.Request.ReadFormAsync(cancellationToken) : null;
        string id = Value("id"), action = Value("action"), detail = Value("detail");
        if (id.Length == 0) throw Bad("ID cannot be empty");
        if (action.Length == 0) throw Bad("Action cannot be empty");
        if (!BlockId.TryParse(id, out BlockId block)) throw Bad($"ULID {GoText.Quote(id)} is not valid");
        try
        {
            await (action switch
            {
                "DELETION" => view.Marker.MarkForDeletionAsync(block, detail, cancellationToken),
                "NO_COMPACTION" => view.Marker.MarkNoCompactAsync(block, NoCompactReason.Manual, detail, cancellationToken),
                _ => throw Bad($"not supported marker {action}"),
            });
        }
        catch (BucketException e)
        {
            throw new ApiException(ApiErrorType.BadData, e.Message, e);
        }

        view.Ask();
        return ApiResult.NoContent;

        string Value(string name) => form?[name].ToString() is { Length: > 0 } text ? text : http.Request.Query[name].ToString();
    }

    private static ApiException Bad(string message) => new(ApiErrorType.BadData, message);
}
