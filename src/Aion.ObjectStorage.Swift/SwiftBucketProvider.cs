namespace Aion.ObjectStorage.Swift;

/// <summary>The <c>SWIFT</c> kind of bucket.</summary>
public sealed class SwiftBucketProvider : IBucketProvider
{
    public string Type => "SWIFT";

    public IBucket Create(ConfigNode settings, BucketProviderContext context)
    {
        SwiftConfig config = SwiftConfig.Read(settings, context);
        HttpClient http = BucketHttp.CreateClient(config.Http, trace: false, context);
        var client = new SwiftClient(http, new SwiftTokens(http, config.Login, context.Time), config, context.Time, new Random());
        return new SwiftBucket(client, config, context);
    }
}
