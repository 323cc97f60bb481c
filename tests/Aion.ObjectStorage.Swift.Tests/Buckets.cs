using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aion.ObjectStorage.Swift.Tests;

/// <summary>Buckets made as the program makes them, from YAML.</summary>
internal static class Buckets
{
    public static IBucket Open(string settings, ILogger? logger = null, TimeProvider? time = null) =>
        new SwiftBucketProvider().Create(Settings(settings), Context(logger, time));

    /// <summary>A bucket at a server that a test plays, which <see cref="FakeSwift.Token"/> logs in.</summary>
    public static IBucket At(string address, string more = "", ILogger? logger = null, TimeProvider? time = null) =>
        Open($"{{auth_url: \"http://{address}/auth/v1.0\", username: u, password: secret, container_name: c, {more}}}", logger, time);

    public static SwiftConfig Read(string settings) => SwiftConfig.Read(Settings(settings), Context());

    private static ConfigNode Settings(string settings) => BucketConfig.Parse($"type: SWIFT\nconfig: {settings}\n").Settings;

    private static BucketProviderContext Context(ILogger? logger = null, TimeProvider? time = null) =>
        new(time ?? TimeProvider.System, logger ?? NullLogger.Instance, _ => null);

    internal sealed class Lines : ILogger
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Written) Written.Add(formatter(state, exception));
        }
    }
}
