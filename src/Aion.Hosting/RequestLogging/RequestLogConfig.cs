using Aion.ObjectStorage;
using Microsoft.Extensions.Logging;

namespace Aion.Hosting;

/// <summary>Which requests of one protocol are logged, and how.</summary>
/// <param name="Lowest">Lines below this level are left out.</param>
/// <param name="Starts">Whether the start of a request is a line too.</param>
/// <param name="Only">Requests that are logged, <c>path:port</c> or <c>/service/method</c>; empty for all.</param>
public sealed record RequestLogRules(LogLevel Lowest, bool Starts, IReadOnlySet<string> Only);

/// <summary><c>--request.logging-config</c>; reference/config-files.md §11.</summary>
/// <param name="Http">Null when HTTP requests are not logged.</param>
/// <param name="Grpc">Null when gRPC calls are not logged.</param>
public sealed record RequestLogConfig(RequestLogRules? Http, RequestLogRules? Grpc)
{
    public static RequestLogConfig None { get; } = new(null, null);

    /// <param name="yaml">Empty for no request log.</param>
    /// <exception cref="ComponentException">It can't be understood; the message names line and field.</exception>
    public static RequestLogConfig Parse(string yaml)
    {
        if (yaml.Length == 0) return None;
        try
        {
            ConfigNode root = ConfigNode.Parse(yaml);
            root.RefuseUnknown("http", "grpc", "options");
            Choice general = Choice.Read(root, "options") ?? Choice.Nothing;
            return new RequestLogConfig(
                Rules(root.Map("http"), general, "log start call is not supported", ["path", "port"], static item => $"{item.TextOrEmpty("path")}:{item.Number("port", 0)}"),
                Rules(root.Map("grpc"), general, "log decision combination is not supported", ["service", "method"], static item => $"/{item.TextOrEmpty("service")}/{item.TextOrEmpty("method")}"));
        }
        catch (BucketConfigException e)
        {
            throw new ComponentException($"--request.logging-config: {e.Message}", e);
        }
    }

    private static RequestLogRules? Rules(ConfigNode protocol, Choice general, string startAlone, string[] fields, Func<ConfigNode, string> nameOf)
    {
        protocol.RefuseUnknown("options", "config");
        IReadOnlyList<ConfigNode> items = protocol.Maps("config");
        foreach (ConfigNode item in items) item.RefuseUnknown(fields);
        Choice choice = Choice.Read(protocol, "options") ?? general;
        if (choice.Starts && !choice.Ends) throw protocol.Error("options", $"{startAlone}: log_start needs log_end");
        return choice.Ends ? new RequestLogRules(choice.Lowest, choice.Starts, items.Select(nameOf).ToHashSet(StringComparer.Ordinal)) : null;
    }

    private readonly record struct Choice(LogLevel Lowest, bool Starts, bool Ends)
    {
        public static Choice Nothing => new(LogLevel.Error, false, false);

        /// <summary>Null where nothing is said.</summary>
        public static Choice? Read(ConfigNode parent, string field)
        {
            ConfigNode options = parent.Map(field);
            options.RefuseUnknown("level", "decision");
            ConfigNode decision = options.Map("decision");
            decision.RefuseUnknown("log_start", "log_end");
            (bool starts, bool ends) = (decision.Flag("log_start"), decision.Flag("log_end"));
            return options.TextOrEmpty("level") switch
            {
                "" when !starts && !ends => null,
                "" => throw options.Error("level", "level field is empty"),
                "DEBUG" or "WARNING" => new Choice(LogLevel.Debug, starts, ends),
                "INFO" => new Choice(LogLevel.Information, starts, ends),
                "ERROR" => new Choice(LogLevel.Error, starts, ends),
                { } other => throw options.Error("level", $"must be INFO, DEBUG, ERROR or WARNING, got {other}"),
            };
        }
    }
}

/// <summary>The flag pair <c>--request.logging-config[-file]</c>.</summary>
public sealed class RequestLogFlags(FlagSet flags)
{
    private readonly PathOrContent _config = flags.PathOrContent("request.logging-config", "which HTTP and gRPC requests are logged, in YAML");

    /// <exception cref="ComponentException">The configuration can't be read or understood.</exception>
    public async Task<RequestLogConfig> ReadAsync(ParsedFlags parsed, ComponentEnvironment environment, CancellationToken cancellationToken) =>
        RequestLogConfig.Parse(await _config.ReadAsync(parsed, environment, cancellationToken));
}
