namespace Aion.ObjectStorage;

/// <summary>The document behind <c>--objstore.config</c>: which kind of bucket, its settings, and a prefix for all keys.</summary>
public sealed record BucketConfig
{
    /// <summary>Thanos's kinds of bucket; which of them can be made is the factory's to say.</summary>
    internal static readonly string[] KnownTypes = ["FILESYSTEM", "S3", "GCS", "AZURE", "SWIFT", "COS", "ALIYUNOSS", "BOS", "OCI", "OBS"];

    private BucketConfig(string type, ConfigNode settings, string prefix)
    {
        Type = type;
        Settings = settings;
        Prefix = prefix;
    }

    /// <summary>As written; case does not matter.</summary>
    public string Type { get; }

    /// <summary>The mapping under <c>config</c>, for the provider to read.</summary>
    public ConfigNode Settings { get; }

    /// <summary>Without slashes at its ends; empty = none.</summary>
    public string Prefix { get; }

    /// <exception cref="BucketConfigException">The text is no such document; the message names the field and the line.</exception>
    public static BucketConfig Parse(string yaml)
    {
        ConfigNode root = ConfigNode.Parse(yaml);
        root.RefuseUnknown("type", "config", "prefix");
        return new BucketConfig(root.Text("type") ?? "", root.Map("config"), CheckPrefix(root.Text("prefix") ?? ""));
    }

    private static string CheckPrefix(string prefix)
    {
        string trimmed = prefix.Trim('/');
        if (trimmed.Length > 0 && !ObjectKey.IsValid(trimmed))
            throw new BucketConfigException($"parsing config YAML file: field prefix: \"{prefix}\" has an empty, \".\" or \"..\" segment");
        return trimmed;
    }
}

/// <summary>The object store configuration is not valid.</summary>
public sealed class BucketConfigException(string message, Exception? inner = null) : Exception(message, inner);
