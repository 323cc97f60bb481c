using System.Text.Json.Serialization;

namespace Aion.ObjectStorage.Swift;

/// <summary>What version 2 of the identity API answers, as far as it is needed.</summary>
internal sealed record KeystoneV2Answer([property: JsonPropertyName("access")] KeystoneV2Access? Access);

internal sealed record KeystoneV2Access(
    [property: JsonPropertyName("token")] KeystoneV2Token? Token,
    [property: JsonPropertyName("serviceCatalog")] IReadOnlyList<KeystoneV2Service>? ServiceCatalog);

internal sealed record KeystoneV2Token([property: JsonPropertyName("id")] string? Id, [property: JsonPropertyName("expires")] DateTimeOffset? Expires);

internal sealed record KeystoneV2Service(
    [property: JsonPropertyName("type")] string? Type, [property: JsonPropertyName("endpoints")] IReadOnlyList<KeystoneV2Endpoint>? Endpoints);

internal sealed record KeystoneV2Endpoint(
    [property: JsonPropertyName("region")] string? Region, [property: JsonPropertyName("publicURL")] string? PublicUrl);

/// <summary>What version 3 of the identity API answers, as far as it is needed; the token itself is in a header.</summary>
internal sealed record KeystoneV3Answer([property: JsonPropertyName("token")] KeystoneV3Token? Token);

internal sealed record KeystoneV3Token(
    [property: JsonPropertyName("expires_at")] DateTimeOffset? ExpiresAt, [property: JsonPropertyName("catalog")] IReadOnlyList<KeystoneV3Service>? Catalog);

internal sealed record KeystoneV3Service(
    [property: JsonPropertyName("type")] string? Type, [property: JsonPropertyName("endpoints")] IReadOnlyList<KeystoneV3Endpoint>? Endpoints);

internal sealed record KeystoneV3Endpoint(
    [property: JsonPropertyName("interface")] string? Interface,
    [property: JsonPropertyName("region")] string? Region,
    [property: JsonPropertyName("region_id")] string? RegionId,
    [property: JsonPropertyName("url")] string? Url);
