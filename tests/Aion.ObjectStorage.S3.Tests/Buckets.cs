using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aion.ObjectStorage.S3.Tests;

/// <summary>Buckets made as the program makes them, from YAML.</summary>
internal static class Buckets
{
    public static IBucket Open(string settings, ILogger? logger = null, TimeProvider? time = null) =>
        new S3BucketProvider().Create(BucketConfig.Parse(Document(settings)).Settings, Context(logger: logger, time: time));

    public static S3Config Read(string settings, ILogger? logger = null) =>
        S3Config.Read(BucketConfig.Parse(Document(settings)).Settings, Context(logger: logger));

    /// <summary>A bucket at a server that a test plays.</summary>
    public static IBucket At(string address, string more = "", TimeProvider? time = null) =>
        Open($"{{bucket: b, endpoint: \"{address}\", insecure: true, access_key: k, secret_key: s, {more}}}", time: time);

    private static string Document(string settings) =>
        settings.StartsWith('{') ? $"type: S3\nconfig: {settings}\n" : "type: S3\nconfig:\n  " + settings.Replace("\n", "\n  ", StringComparison.Ordinal);

    public static BucketProviderContext Context(Func<string, string?>? variable = null, ILogger? logger = null, TimeProvider? time = null) =>
        new(time ?? TimeProvider.System, logger ?? NullLogger.Instance, variable ?? (_ => null));
}
