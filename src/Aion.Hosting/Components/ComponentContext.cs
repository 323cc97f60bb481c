using Microsoft.Extensions.Logging;

namespace Aion.Hosting;

/// <summary>
/// What one running component owns: its logger, metrics registry, probe and clock. Nothing in it is shared with other components of the
/// same process, except the log's destination.
/// </summary>
public sealed class ComponentContext
{
    /// <param name="name">Component name as metrics and logs show it: <c>query</c>, <c>store</c>, <c>sidecar</c>.</param>
    public ComponentContext(string name, ILoggerFactory loggerFactory, TimeProvider time, ComponentEnvironment environment)
    {
        Name = name;
        LoggerFactory = loggerFactory;
        Logger = loggerFactory.CreateLogger(name);
        Time = time;
        Environment = environment;
        Metrics = new MetricsRegistry(time);
        Metrics.RegisterProcess(environment.Build);
        Probe = new Probe(name, Logger, Metrics);
    }

    public string Name { get; }

    public ILoggerFactory LoggerFactory { get; }

    public ILogger Logger { get; }

    public TimeProvider Time { get; }

    public ComponentEnvironment Environment { get; }

    public MetricsRegistry Metrics { get; }

    public Probe Probe { get; }
}
