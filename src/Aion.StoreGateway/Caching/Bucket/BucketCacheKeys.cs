using System.Globalization;

namespace Aion.StoreGateway;

/// <summary>What of a bucket is cached, and under which keys; Thanos's where it can read the value (format notes F-13).</summary>
internal static class BucketCacheKeys
{
    public static string Exists(string name) => "exists:" + name;

    public static string Content(string name) => "content:" + name;

    public static string Attributes(string name) => "attrs:" + name;

    /// <param name="start">Of the bytes <c>[start, end)</c>.</param>
    public static string Subrange(string name, long start, long end) =>
        string.Create(CultureInfo.InvariantCulture, $"subrange:{name}:{start}:{end}");

    public static string Listing(string directory, bool recursive, string configHash) =>
        $"{(recursive ? "iter-recursive" : "iter")}:{directory}:{configHash}";

    /// <summary>For listings with objects in them: Thanos keeps their names only, and we need sizes and times as well.</summary>
    public static string OwnListing(string directory, bool recursive, string configHash) => "aion:" + Listing(directory, recursive, configHash);

    /// <summary>A segment file of chunks, <c>…/chunks/000001</c>.</summary>
    public static bool IsChunks(string name)
    {
        int slash = name.LastIndexOf('/');
        if (slash < 0 || slash == name.Length - 1 || !name.AsSpan(0, slash).EndsWith("/chunks", StringComparison.Ordinal)) return false;
        return !name.AsSpan(slash + 1).ContainsAnyExceptInRange('0', '9');
    }

    public static bool IsMetaFile(string name) =>
        name.EndsWith("/meta.json", StringComparison.Ordinal) || name.EndsWith("/deletion-mark.json", StringComparison.Ordinal);
}
