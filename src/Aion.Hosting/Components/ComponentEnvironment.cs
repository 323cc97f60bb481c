using Aion.ObjectStorage;

namespace Aion.Hosting;

/// <summary>What the process gives a component besides its flags: variables, standard output, the program's name and build.</summary>
public sealed record ComponentEnvironment
{
    /// <summary>Value of an environment variable, or null when it is not set; set but empty is "".</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>Where tools print their results; logs never go there.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>The terminal that shows progress bars, or null where nobody looks at one: then progress is told in log lines.</summary>
    public TextWriter? Terminal { get; init; }

    public required BuildInformation Build { get; init; }

    /// <summary>The kinds of bucket that this program can open. Only folders, unless the composition root gives more.</summary>
    public BucketFactory Buckets { get; init; } = BucketFactory.Local;

    /// <summary>The running process's own environment.</summary>
    public static ComponentEnvironment OfProcess(TextWriter output) => new()
    {
        Variable = Environment.GetEnvironmentVariable,
        Output = output,
        Build = BuildInformation.OfEntryAssembly(),
    };
}
