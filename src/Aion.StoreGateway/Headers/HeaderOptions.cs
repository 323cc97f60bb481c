namespace Aion.StoreGateway;

/// <summary>How index-headers are kept.</summary>
internal sealed record HeaderOptions
{
    /// <summary>Holds a folder a block; null keeps headers in memory.</summary>
    public string? Directory { get; init; }

    /// <summary>One position of the postings offset table in this many is held in memory.</summary>
    public int Sampling { get; init; } = 32;

    /// <summary>Fetch a header when a query first needs it, not when its block is loaded.</summary>
    public bool DownloadsLazily { get; init; }

    /// <summary>Let go of a header that no query read for <see cref="IdleTimeout"/>.</summary>
    public bool LetsGo { get; init; }

    /// <summary>Zero: never.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);
}
