namespace Aion.Sidecar;

public sealed record ReloaderOptions
{
    /// <summary>The configuration that is watched; empty for none.</summary>
    public string ConfigFile { get; init; } = "";

    /// <summary>Where the configuration goes, unpacked and with its variables replaced; empty when Prometheus reads <see cref="ConfigFile"/> itself.</summary>
    public string OutputFile { get; init; } = "";

    /// <summary>Folders whose files are watched, sub-folders included.</summary>
    public IReadOnlyList<string> RuleDirectories { get; init; } = [];

    /// <summary>How often everything is read again, whatever the file system tells; 0 for once, without a reload.</summary>
    public required TimeSpan WatchInterval { get; init; }

    /// <summary>The pause after a reload that failed.</summary>
    public required TimeSpan RetryInterval { get; init; }

    public bool WatchesNothing => ConfigFile.Length == 0 && RuleDirectories.Count == 0;
}
