namespace Aion.ObjectStorage.Gcs;

/// <summary>The <c>GCS</c> kind of bucket.</summary>
public sealed class GcsBucketProvider : IBucketProvider
{
    private const string EmulatorVariable = "STORAGE_EMULATOR_HOST";
    private static readonly Uri Service = new("https://storage.googleapis.com");

    public string Type => "GCS";

    public IBucket Create(ConfigNode settings, BucketProviderContext context)
    {
        GcsConfig config = GcsConfig.Read(settings, context);
        HttpClient http = BucketHttp.CreateClient(config.Http, trace: false, context);
        // As Google's own clients have it: an emulator is asked without credentials.
        GcsClient client = context.Variable(EmulatorVariable) is { Length: > 0 } emulator
            ? new GcsClient(http, EmulatorAddress(emulator), _ => Task.FromResult<string?>(null), config, context.Time, new Random())
            : new GcsClient(http, Service, GcsCredentials.Of(config), config, context.Time, new Random());
        return new GcsBucket(client, config);
    }

    private static Uri EmulatorAddress(string emulator)
    {
        string text = emulator.Contains("://", StringComparison.Ordinal) ? emulator : "http://" + emulator;
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? address)
            ? address
            : throw new BucketConfigException($"variable {EmulatorVariable}: \"{emulator}\" is no address");
    }
}
