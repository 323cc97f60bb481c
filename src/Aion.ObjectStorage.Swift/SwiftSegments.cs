using System.Net;

namespace Aion.ObjectStorage.Swift;

/// <summary>Finds and removes the segments that large objects are made of.</summary>
internal sealed class SwiftSegments(SwiftClient client, SwiftConfig config)
{
    /// <summary>Thanos's place for them.</summary>
    public const string Folder = "segments/";

    private const int DeletesAtOnce = 8;

    private readonly bool _besideObjects = config.SegmentContainer == config.Container;

    /// <summary>Whether the name is a segment's, or the folder of all segments.</summary>
    public bool IsSegment(string name) => _besideObjects && name.StartsWith(Folder, StringComparison.Ordinal);

    /// <summary>Removes an object with its segments.</summary>
    public async Task DeleteObjectAsync(string key, SwiftObject found, CancellationToken cancellationToken)
    {
        if (found.IsStatic)
        {
            await DeleteStaticAsync(key, cancellationToken);
            return;
        }

        // Without its manifest first, a dynamic object would get shorter under its readers.
        IReadOnlyList<(string Container, string Name)> segments = await OfAsync(key, found, cancellationToken);
        await client.DeleteAsync(config.Container, key, cancellationToken);
        await DeleteAsync(segments, cancellationToken);
    }

    /// <summary>The segments of an object as it is stored now; none where it is not a large one.</summary>
    public async Task<IReadOnlyList<(string Container, string Name)>> OfAsync(string key, SwiftObject found, CancellationToken cancellationToken)
    {
        if (found.DynamicPrefix is { } manifest)
        {
            (string container, string prefix) = Split(Uri.UnescapeDataString(manifest));
            return container.Length == 0 || prefix.Length == 0 ? [] : await ListAsync(container, prefix, cancellationToken);
        }

        if (!found.IsStatic) return [];
        IReadOnlyList<SwiftStoredSegment> stored = await client.AskAsync(
            storage => new HttpRequestMessage(HttpMethod.Get, SwiftClient.Address(storage, config.Container, key, "multipart-manifest=get")),
            SwiftJson.Default.IReadOnlyListSwiftStoredSegment, client.What("read the manifest of", key), cancellationToken);
        return [.. stored.Where(s => s.Name is { Length: > 1 }).Select(s => Split(s.Name![1..]))];
    }

    public async Task<IReadOnlyList<(string Container, string Name)>> ListAsync(string container, string prefix, CancellationToken cancellationToken)
    {
        var names = new List<(string, string)>();
        for (string? next = ""; next is not null;)
        {
            (IReadOnlyList<SwiftListed> page, next) = await client.ListPageAsync(container, prefix, "", next, cancellationToken);
            foreach (SwiftListed listed in page)
                if (listed.Name is not null) names.Add((container, listed.Name));
        }

        return names;
    }

    public Task DeleteAsync(IEnumerable<(string Container, string Name)> segments, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        segments, new ParallelOptions { MaxDegreeOfParallelism = DeletesAtOnce, CancellationToken = cancellationToken },
        async (segment, token) => await client.DeleteAsync(segment.Container, segment.Name, token));

    /// <summary>The server removes the segments and then their manifest, so that this can be repeated until it is done.</summary>
    private async Task DeleteStaticAsync(string key, CancellationToken cancellationToken)
    {
        string what = client.What("delete", key);
        SwiftBulkAnswer answer;
        try
        {
            answer = await client.AskAsync(
                storage =>
                {
                    var request = new HttpRequestMessage(HttpMethod.Delete, SwiftClient.Address(storage, config.Container, key, "multipart-manifest=delete"));
                    request.Headers.TryAddWithoutValidation("Accept", "application/json");
                    return request;
                },
                SwiftJson.Default.SwiftBulkAnswer, what, cancellationToken);
        }
        catch (BucketException e) when (e.Kind == BucketErrorKind.NotFound)
        {
            return;
        }

        if (answer.Status?.StartsWith("200", StringComparison.Ordinal) == true && answer.Errors is not { Count: > 0 }) return;
        string first = answer.Errors is { Count: > 0 } errors ? string.Join(' ', errors[0]) : answer.Body ?? "";
        _ = int.TryParse(answer.Status?.Split(' ')[0], out int status);
        BucketErrorKind kind = SwiftErrors.KindOf((HttpStatusCode)status);
        throw new BucketException(
            kind == BucketErrorKind.NotFound ? BucketErrorKind.Unknown : kind, $"{what}: {answer.Status}; {answer.Errors?.Count ?? 0} segments were not deleted: {first}");
    }

    private static (string Container, string Name) Split(string path)
    {
        int slash = path.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (path, "") : (path[..slash], path[(slash + 1)..]);
    }
}
