using Microsoft.Extensions.Logging;

namespace Aion.ObjectStorage;

/// <summary>Makes buckets of one kind out of their settings. Holds no state; the composition root lists the providers it ships.</summary>
public interface IBucketProvider
{
    /// <summary>What <c>type</c> says, in upper case.</summary>
    string Type { get; }

    /// <summary>Reads the settings, all of them, and makes the client. Nothing is sent yet.</summary>
    /// <param name="settings">The mapping under <c>config</c>; empty where the file has none.</param>
    /// <exception cref="BucketConfigException">The message names the field.</exception>
    IBucket Create(ConfigNode settings, BucketProviderContext context);
}

/// <summary>What a provider is given besides the settings.</summary>
/// <param name="Variable">Value of an environment variable, or null.</param>
public sealed record BucketProviderContext(TimeProvider Time, ILogger Logger, Func<string, string?> Variable)
{
    /// <summary>Tells the operator of a setting that is accepted and does less than it says.</summary>
    public void Warn(string warning) => Logger.LogWarning("object store configuration: {Warning}", warning);
}

/// <summary>The <c>FILESYSTEM</c> kind.</summary>
public sealed class FilesystemBucketProvider : IBucketProvider
{
    public string Type => "FILESYSTEM";

    public IBucket Create(ConfigNode settings, BucketProviderContext context)
    {
        string directory = settings.Text("directory") ?? "";
        if (directory.Length == 0) throw new BucketConfigException("missing directory for filesystem bucket (field config.directory)");
        foreach (string unknown in settings.Unknown("directory")) context.Warn(unknown + "; it has no effect");
        return new FilesystemBucket(directory, context.Time);
    }
}
