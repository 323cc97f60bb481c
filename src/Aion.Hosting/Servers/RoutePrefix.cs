namespace Aion.Hosting;

/// <summary>Prefixes of web paths as flags give them.</summary>
public static class RoutePrefix
{
    /// <summary>One leading slash and no trailing one; "" for an empty prefix or "/".</summary>
    public static string Normalize(string prefix)
    {
        string trimmed = prefix.Trim('/');
        return trimmed.Length == 0 ? "" : "/" + trimmed;
    }

    /// <summary>The prefix routes are served under: the route prefix, or the path of the external prefix when there is none.</summary>
    public static string Effective(string routePrefix, string externalPrefix)
    {
        if (routePrefix.Length > 0) return Normalize(routePrefix);
        return Normalize(Uri.TryCreate(externalPrefix, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" ? url.AbsolutePath : externalPrefix);
    }
}
