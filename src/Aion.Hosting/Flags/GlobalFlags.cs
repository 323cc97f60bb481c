namespace Aion.Hosting;

/// <summary>Flags before any command: help, version, log. The rest of upstream's global flags is refused by name.</summary>
internal sealed class GlobalFlags
{
    public GlobalFlags(FlagSet flags)
    {
        Help = flags.Bool("help", "Show context-sensitive help (also try --help-long).", @short: 'h');
        HelpLong = flags.Bool("help-long", "Show the help of every command.", hidden: true);
        flags.Unsupported("help-man", "no manual page is generated", isBool: true);
        flags.Unsupported("completion-bash", "no shell completion is generated", isBool: true);
        flags.Unsupported("completion-script-bash", "no shell completion is generated", isBool: true);
        flags.Unsupported("completion-script-zsh", "no shell completion is generated", isBool: true);
        Version = flags.Bool("version", "Show the program's version.");
        DebugName = flags.String("debug.name", "Name added to each log line.", hidden: true);
        LogLevel = flags.Enum("log.level", "Least severe level that is logged: error, warn, info or debug.",
            ["error", "warn", "info", "debug"], "info");
        LogFormat = flags.Enum("log.format", "Form of log lines: logfmt or json.", ["logfmt", "json", "journald"], "logfmt");
        Tracing = flags.PathOrContent("tracing.config", "the tracing configuration in YAML (OTLP)");
        const string NoMemoryLimit = "the .NET runtime keeps to the container's memory limit by itself; set DOTNET_GCHeapHardLimitPercent for another share";
        flags.Unsupported("enable-auto-gomemlimit", NoMemoryLimit, isBool: true);
        flags.Unsupported("auto-gomemlimit.ratio", NoMemoryLimit);
    }

    public Flag<bool> Help { get; }

    public Flag<bool> HelpLong { get; }

    public Flag<bool> Version { get; }

    public Flag<string> DebugName { get; }

    public Flag<string> LogLevel { get; }

    public Flag<string> LogFormat { get; }

    public PathOrContent Tracing { get; }
}
