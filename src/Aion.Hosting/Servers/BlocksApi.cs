using System.Globalization;
using System.Text.Json;
using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Aion.Hosting;

/// <summary>A list of blocks at one moment.</summary>
/// <param name="Metas">Their meta.json, in the order in which they are shown.</param>
/// <param name="RefreshedAt">Null before the first look.</param>
/// <param name="Error">Why the last look failed; the blocks are those of the one before.</param>
public sealed record BlockListing(IEnumerable<ReadOnlyMemory<byte>> Metas, DateTimeOffset? RefreshedAt, string? Error = null)
{
    public static BlockListing Empty { get; } = new([], null);
}

/// <summary>
/// The API of the block viewer, <c>/blocks</c> and <c>/blocks/mark</c>, which several components have (reference/http-api.md H-6).
/// </summary>
public sealed class BlocksApi
{
    /// <summary>External label that titles groups of blocks; "" for none.</summary>
    public required string Label { get; init; }

    /// <summary>True with <c>--disable-admin-operations</c>.</summary>
    public required bool RefusesMarks { get; init; }

    /// <summary>The blocks for <c>view=loaded</c> (true) or any other view.</summary>
    public required Func<bool, BlockListing> List { get; init; }

    /// <summary>Marks a block, with details, for deletion. May throw a <see cref="BucketException"/>.</summary>
    public required Func<BlockId, string, CancellationToken, Task> MarkForDeletion { get; init; }

    /// <summary>Marks a block, with details, not to be compacted. May throw a <see cref="BucketException"/>.</summary>
    public required Func<BlockId, string, CancellationToken, Task> MarkNoCompact { get; init; }

    public void Map(ApiRoutes routes)
    {
        routes.MapOptions();
        routes.MapGet("/blocks", "blocks", (http, _) => Task.FromResult(Blocks(List(http.Request.Query["view"] == "loaded"))));
        routes.MapPost("/blocks/mark", "blocks_mark", MarkAsync);
    }

    private ApiResult Blocks(BlockListing list) => ApiResult.Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("label", Label);
        json.WriteStartArray("blocks");
        foreach (ReadOnlyMemory<byte> meta in list.Metas)
        {
            using JsonDocument document = JsonDocument.Parse(meta);
            document.RootElement.WriteTo(json);
        }

        json.WriteEndArray();
        json.WriteString(
            "refreshedAt",
            (list.RefreshedAt ?? DateTimeOffset.MinValue).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
        // Upstream shows an empty object, which hides what is wrong.
        if (list.Error is { } error) json.WriteString("err", error);
        else json.WriteNull("err");
        json.WriteEndObject();
    });

    private async Task<ApiResult> MarkAsync(HttpContext http, CancellationToken cancellationToken)
    {
        if (RefusesMarks) throw Bad("Admin operations are disabled");
        IFormCollection? form = http.Request.HasFormContentType ? await http.Request.ReadFormAsync(cancellationToken) : null;
        string id = Parameter("id"), action = Parameter("action"), detail = Parameter("detail");
        if (id.Length == 0) throw Bad("ID cannot be empty");
        if (action.Length == 0) throw Bad("Action cannot be empty");
        if (!BlockId.TryParse(id, out BlockId block)) throw Bad($"ULID {GoText.Quote(id)} is not valid");
        try
        {
            await (action switch
            {
                "DELETION" => MarkForDeletion(block, detail, cancellationToken),
                "NO_COMPACTION" => MarkNoCompact(block, detail, cancellationToken),
                _ => throw Bad($"not supported marker {action}"),
            });
        }
        catch (BucketException e)
        {
            throw new ApiException(ApiErrorType.BadData, e.Message, e);
        }

        return ApiResult.NoContent;

        // As Go reads a form: the body's values stand before those of the URL.
        string Parameter(string name) =>
            form is not null && form.TryGetValue(name, out StringValues given) ? given[0] ?? "" : http.Request.Query[name].ToString();
    }

    private static ApiException Bad(string message) => new(ApiErrorType.BadData, message);
}
