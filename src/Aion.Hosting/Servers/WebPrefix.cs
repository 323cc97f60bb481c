using Microsoft.AspNetCore.Http;

namespace Aion.Hosting;

/// <summary>What stands in front of a page's path in the browser of a user, when a proxy adds something (reference/cli-flags.md §2.8).</summary>
/// <param name="Route">The path that this process serves under; normalized, and what users see when neither of the others says otherwise.</param>
/// <param name="External"><c>--web.external-prefix</c>: a path, or a URL of which the path counts.</param>
/// <param name="Header"><c>--web.prefix-header</c>: the request header in which a proxy says its prefix; not read when there is an external prefix.</param>
public sealed record WebPrefix(string Route, string External, string Header)
{
    /// <summary>One leading slash and no trailing one, or "".</summary>
    public string Of(HttpContext http)
    {
        if (External.Length > 0) return RoutePrefix.Effective("", External);
        string told = Header.Length == 0 ? "" : http.Request.Headers[Header].ToString();
        return told.Length == 0 ? Route : Clean(RoutePrefix.Effective("", told));
    }

    /// <summary>A header is from outside: it names a path of this site and nothing else.</summary>
    private static string Clean(string path)
    {
        var parts = new List<string>();
        foreach (string part in path.Split(['/', '\\'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..") parts.RemoveRange(Math.Max(0, parts.Count - 1), Math.Min(1, parts.Count));
            else if (part != ".") parts.Add(Uri.EscapeDataString(Uri.UnescapeDataString(part)));
        }

        return parts.Count == 0 ? "" : "/" + string.Join('/', parts);
    }
}
