using System.Text.Json;

namespace Aion.ObjectStorage.Swift;

/// <summary>Version 3 of OpenStack's identity API: a password, an application credential, or a token, for a project.</summary>
internal static class LoginV3
{
    public static HttpRequestMessage Request(SwiftLogin login)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteStartObject("auth");
            bool byCredential = !login.ApplicationCredential.IsEmpty && login.ApplicationCredentialSecret.Length > 0;
            WriteIdentity(json, login, byCredential);
            // A credential belongs to one project, which it must not name.
            if (!byCredential && !login.Project.IsEmpty) WriteScope(json, login);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return SwiftAnswers.PostJson(login.Url, "auth/tokens", body.ToArray());
    }

    public static SwiftSession Read(HttpResponseMessage answer, KeystoneV3Answer body, SwiftLogin login)
    {
        KeystoneV3Endpoint? store = body.Token?.Catalog?
            .Where(service => service.Type == "object-store")
            .SelectMany(service => service.Endpoints ?? [])
            .FirstOrDefault(endpoint => endpoint.Interface == "public"
                && (login.Region.Length == 0 || endpoint.Region == login.Region || endpoint.RegionId == login.Region));
        return SwiftSession.Of(store?.Url, SwiftAnswers.Header(answer, "X-Subject-Token"), body.Token?.ExpiresAt, login);
    }

    private static void WriteIdentity(Utf8JsonWriter json, SwiftLogin login, bool byCredential)
    {
        // Without a user the password is a token that somebody else got.
        string method = byCredential ? "application_credential" : login.Username.Length > 0 || login.UserId.Length > 0 ? "password" : "token";
        json.WriteStartObject("identity");
        json.WriteStartArray("methods");
        json.WriteStringValue(method);
        json.WriteEndArray();
        json.WriteStartObject(method);
        switch (method)
        {
            case "application_credential":
                WriteCredential(json, login);
                break;
            case "password":
                WriteUser(json, login, login.Password);
                break;
            default:
                json.WriteString("id", login.Password);
                break;
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteCredential(Utf8JsonWriter json, SwiftLogin login)
    {
        json.WriteString("secret", login.ApplicationCredentialSecret);
        if (login.ApplicationCredential.Id.Length > 0)
        {
            json.WriteString("id", login.ApplicationCredential.Id);
            return;
        }

        json.WriteString("name", login.ApplicationCredential.Name);
        WriteUser(json, login, password: null);
    }

    private static void WriteUser(Utf8JsonWriter json, SwiftLogin login, string? password)
    {
        json.WriteStartObject("user");
        if (login.UserId.Length > 0) json.WriteString("id", login.UserId);
        else json.WriteString("name", login.Username);
        if (password is not null) json.WriteString("password", password);
        // An id is known everywhere; a name only within its domain.
        if (login.UserId.Length == 0) WriteDomain(json, login.UserDomain);
        json.WriteEndObject();
    }

    private static void WriteScope(Utf8JsonWriter json, SwiftLogin login)
    {
        json.WriteStartObject("scope");
        json.WriteStartObject("project");
        if (login.Project.Id.Length > 0)
        {
            json.WriteString("id", login.Project.Id);
        }
        else
        {
            json.WriteString("name", login.Project.Name);
            SwiftNamed domain = !login.ProjectDomain.IsEmpty ? login.ProjectDomain : login.UserDomain;
            WriteDomain(json, domain.IsEmpty ? new SwiftNamed("", "Default") : domain);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    // The name counts where both are given, as in Thanos.
    private static void WriteDomain(Utf8JsonWriter json, SwiftNamed domain)
    {
        if (domain.IsEmpty) return;
        json.WriteStartObject("domain");
        if (domain.Name.Length > 0) json.WriteString("name", domain.Name);
        else json.WriteString("id", domain.Id);
        json.WriteEndObject();
    }
}
