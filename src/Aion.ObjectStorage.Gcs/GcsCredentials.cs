using System.Text.Json;
using Google.Apis.Auth.OAuth2;

namespace Aion.ObjectStorage.Gcs;

/// <summary>Gives the token to send with a request; null = send none.</summary>
internal delegate Task<string?> GcsToken(CancellationToken cancellationToken);

/// <summary>Finds the credentials the settings ask for: their own JSON, or the environment's (variable, well-known file, metadata server).</summary>
internal static class GcsCredentials
{
    private const string Scope = "https://www.googleapis.com/auth/devstorage.full_control";

    private static readonly string[] Types =
    [
        JsonCredentialParameters.ServiceAccountCredentialType, JsonCredentialParameters.ExternalAccountCredentialType,
        JsonCredentialParameters.ImpersonatedServiceAccountCredentialType, JsonCredentialParameters.AuthorizedUserCredentialType,
        JsonCredentialParameters.ExternalAccountAuthorizedUserCredentialType,
    ];

    /// <exception cref="BucketConfigException">The JSON is no credential.</exception>
    public static GcsToken Of(GcsConfig config)
    {
        if (config.ServiceAccount.Length > 0) return TokenOf(Parse(config.ServiceAccount));
        // Found with the first request: the metadata server may not be up yet when the process starts.
        GoogleCredential? found = null;
        return async cancellationToken =>
        {
            found ??= (await GoogleCredential.GetApplicationDefaultAsync(cancellationToken)).CreateScoped(Scope);
            return await TokenOf(found)(cancellationToken);
        };
    }

    private static GoogleCredential Parse(string json)
    {
        const string Field = "field config.service_account: ";
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            string? type = document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("type", out JsonElement found)
                ? found.GetString() : null;
            if (!Types.Contains(type)) throw new BucketConfigException($"{Field}the JSON's type must be one of {string.Join(", ", Types)}");
            return CredentialFactory.FromJson(json, type).CreateScoped(Scope);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException or FormatException or Newtonsoft.Json.JsonException)
        {
            // The parsers' messages may quote the text, which is a secret.
            throw new BucketConfigException($"{Field}not the JSON of a Google credential ({e.GetType().Name})");
        }
    }

    private static GcsToken TokenOf(GoogleCredential credential) => async cancellationToken =>
        await ((ITokenAccess)credential).GetAccessTokenForRequestAsync(cancellationToken: cancellationToken);
}
