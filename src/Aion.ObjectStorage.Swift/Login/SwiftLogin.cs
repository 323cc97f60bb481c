namespace Aion.ObjectStorage.Swift;

/// <summary>Who asks for a token, where, and in which version of the protocol.</summary>
internal sealed record SwiftLogin
{
    /// <summary>1, 2 or 3.</summary>
    public required int Version { get; init; }

    public required Uri Url { get; init; }

    public string Username { get; init; } = "";

    public string UserId { get; init; } = "";

    public string Password { get; init; } = "";

    /// <summary>The user's domain; empty = none given.</summary>
    public SwiftNamed UserDomain { get; init; }

    public SwiftNamed ApplicationCredential { get; init; }

    public string ApplicationCredentialSecret { get; init; } = "";

    public SwiftNamed Project { get; init; }

    public SwiftNamed ProjectDomain { get; init; }

    /// <summary>Empty = the first in the catalogue.</summary>
    public string Region { get; init; } = "";

    /// <exception cref="BucketConfigException">The message names the field.</exception>
    public static SwiftLogin Read(ConfigNode settings)
    {
        Uri url = ReadUrl(settings);
        SwiftNamed domain = Named(settings, "domain");
        var login = new SwiftLogin
        {
            Version = ReadVersion(settings, url),
            Url = url,
            Username = settings.TextOrEmpty("username"),
            UserId = settings.TextOrEmpty("user_id"),
            Password = settings.TextOrEmpty("password"),
            // Thanos reads user_domain_* and passes them to nobody; here they serve where domain_* say nothing.
            UserDomain = domain.IsEmpty ? Named(settings, "user_domain") : domain,
            ApplicationCredential = Named(settings, "application_credential"),
            ApplicationCredentialSecret = settings.TextOrEmpty("application_credential_secret"),
            Project = Named(settings, "project"),
            ProjectDomain = Named(settings, "project_domain"),
            Region = settings.TextOrEmpty("region_name"),
        };
        login.Check(settings);
        return login;
    }

    private static Uri ReadUrl(ConfigNode settings)
    {
        string text = settings.TextOrEmpty("auth_url");
        if (text.Length == 0) throw settings.Error("auth_url", "no Swift authentication url in config file");
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https"
            ? url
            : throw settings.Error("auth_url", $"must be an http or https address, got \"{text}\"");
    }

    // As Thanos's client has it: the version stands in the address, and the newest one that does counts.
    private static int ReadVersion(ConfigNode settings, Uri url)
    {
        var version = (int)settings.Number("auth_version", 0, 0, 3);
        if (version != 0) return version;
        foreach (int one in (ReadOnlySpan<int>)[3, 2, 1])
            if (url.OriginalString.Contains($"v{one}", StringComparison.Ordinal)) return one;
        throw settings.Error("auth_version", $"must be 1, 2 or 3: auth_url \"{url.OriginalString}\" does not tell the version");
    }

    private static SwiftNamed Named(ConfigNode settings, string what) => new(settings.TextOrEmpty(what + "_id"), settings.TextOrEmpty(what + "_name"));

    private void Check(ConfigNode settings)
    {
        if (Version < 3)
        {
            if (Username.Length == 0) throw settings.Error("username", $"is required by auth version {Version}");
            if (!ApplicationCredential.IsEmpty) throw settings.Error("auth_version", $"application credentials need version 3, got {Version}");
            return;
        }

        if (!ApplicationCredential.IsEmpty && ApplicationCredentialSecret.Length > 0)
        {
            if (ApplicationCredential.Id.Length > 0 || UserId.Length > 0) return;
            if (Username.Length == 0) throw settings.Error("application_credential_name", "needs user_id, or username with its domain, beside it");
            if (UserDomain.IsEmpty) throw settings.Error("username", "an application credential by name needs the user's domain: domain_id or domain_name");
            return;
        }

        if (Password.Length == 0)
            throw settings.Error("password", "is required, or an application credential with its application_credential_secret");
    }
}

/// <summary>Something that is known by its id or by its name; where both are given each user says which counts.</summary>
internal readonly record struct SwiftNamed(string? Id, string? Name)
{
    public string Id { get; } = Id ?? "";

    public string Name { get; } = Name ?? "";

    public bool IsEmpty => string.IsNullOrEmpty(Id) && string.IsNullOrEmpty(Name);
}
