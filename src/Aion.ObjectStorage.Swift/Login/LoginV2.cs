using System.Text.Json;

namespace Aion.ObjectStorage.Swift;

/// <summary>Version 2 of OpenStack's identity API, which newer servers no longer have; some clouds still do.</summary>
internal static class LoginV2
{
    // An API key of Rackspace is that long; no more than a guess at which of the two to try first.
    private const int ApiKeyLength = 32;

    /// <summary>By password and, in Rackspace's way, by API key: the settings do not tell which of the two they hold.</summary>
    public static IEnumerable<HttpRequestMessage> Requests(SwiftLogin login)
    {
        bool keyFirst = login.Password.Length >= ApiKeyLength;
        yield return Request(login, byKey: keyFirst);
        yield return Request(login, byKey: !keyFirst);
    }

    public static SwiftSession Read(KeystoneV2Answer answer, SwiftLogin login)
    {
        KeystoneV2Endpoint? store = answer.Access?.ServiceCatalog?
            .Where(service => service.Type == "object-store")
            .SelectMany(service => service.Endpoints ?? [])
            .FirstOrDefault(endpoint => login.Region.Length == 0 || endpoint.Region == login.Region);
        return SwiftSession.Of(store?.PublicUrl, answer.Access?.Token?.Id, answer.Access?.Token?.Expires, login);
    }

    private static HttpRequestMessage Request(SwiftLogin login, bool byKey)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteStartObject("auth");
            json.WriteStartObject(byKey ? "RAX-KSKEY:apiKeyCredentials" : "passwordCredentials");
            json.WriteString("username", login.Username);
            json.WriteString(byKey ? "apiKey" : "password", login.Password);
            json.WriteEndObject();
            if (login.Project.Name.Length > 0) json.WriteString("tenantName", login.Project.Name);
            if (login.Project.Id.Length > 0) json.WriteString("tenantId", login.Project.Id);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return SwiftAnswers.PostJson(login.Url, "tokens", body.ToArray());
    }
}
