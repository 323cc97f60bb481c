using System.IO.Hashing;
using System.Text;
using Aion.Hosting;
using Microsoft.Extensions.Logging;

namespace Aion.StoreApi;

/// <summary>
/// Endpoints from a configuration that may change: looked at after every interval, taken when it changed, and kept as it was when the
/// new one is wrong.
/// </summary>
/// <param name="initial">The content at start, already parsed, so that a wrong one fails there.</param>
/// <param name="path">The file; null for content given inline, which never changes.</param>
/// <param name="parse">Throws <see cref="FormatException"/> for a wrong content.</param>
public sealed class EndpointConfigFile(
    IReadOnlyList<EndpointSpec> initial, string? path, Func<string, IReadOnlyList<EndpointSpec>> parse, TimeSpan interval, TimeProvider time,
    ILogger logger) : IEndpointSource
{
    private IReadOnlyList<EndpointSpec> _current = initial;
    private UInt128 _hash;
    private DateTimeOffset _readAt = time.GetUtcNow();

    public async Task<IReadOnlyList<EndpointSpec>> ReadAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (path is null || now - _readAt < interval) return _current;
        _readAt = now;
        try
        {
            string text = await File.ReadAllTextAsync(path, cancellationToken);
            UInt128 hash = XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(text));
            if (hash == _hash) return _current;
            _hash = hash;
            IReadOnlyList<EndpointSpec> next = parse(text);
            // Equal specs keep their connections, so only what changed is replaced.
            _current = next;
            logger.Info("endpoint config reloaded", [("path", path), ("endpoints", next.Count)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            logger.Error("reloading the endpoint config failed, the old one stays", [("path", path), ("err", e.Message)]);
        }

        return _current;
    }
}
