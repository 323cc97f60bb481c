using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aion.ObjectStorage.S3.Tests;

/// <summary>Buckets made as the program makes them, from YAML.</summary>
internal static class Buckets
{
    public static IBucket Open(string settings, ILogger? logger = null) =>
        new S3BucketProvider().Create(BucketConfig.Parse(Document(settings)).Settings, Context(logger: logger));

    public static S3Config Read(string settings, ILogger? logger = null) =>
        S3Config.Read(BucketConfig.Parse(Document(settings)).Settings, Context(logger: logger));

    /// <summary>A bucket at a server that a test plays.</summary>
    public static IBucket At(string address, string more = "") =>
        Open($"{{bucket: b, endpoint: \"{address}\", insecure: true, access_key: k, secret_key: s, {more}}}");

    private static string Document(string settings) =>
        settings.StartsWith('{') ? $"type: S3\nconfig: {settings}\n" : "type: S3\nconfig:\n  " + settings.Replace("\n", "\n  ", StringComparison.Ordinal);

    public static BucketProviderContext Context(Func<string, string?>? variable = null, ILogger? logger = null) =>
        new(TimeProvider.System, logger ?? NullLogger.Instance, variable ?? (_ => null));
}
