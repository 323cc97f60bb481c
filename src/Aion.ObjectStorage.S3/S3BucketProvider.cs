using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace Aion.ObjectStorage.S3;

/// <summary>The <c>S3</c> kind of bucket.</summary>
public sealed class S3BucketProvider : IBucketProvider
{
    // Tries in all when max_retries says nothing; the SDK's retry quota ends a storm long before.
    private const int DefaultTries = 10;

    public string Type => "S3";

    public IBucket Create(ConfigNode settings, BucketProviderContext context)
    {
        S3Config config = S3Config.Read(settings, context);
        return new S3Bucket(CreateClient(config, context), config);
    }

    internal static AmazonS3Client CreateClient(S3Config config, BucketProviderContext context)
    {
        HttpClient http = BucketHttp.CreateClient(config.Http, config.Trace, context);
        AmazonS3Config sdk = Configure(config, http);
        return S3Credentials.Of(config, context) is { } credentials ? new AmazonS3Client(credentials, sdk) : new AmazonS3Client(sdk);
    }

    private static AmazonS3Config Configure(S3Config config, HttpClient http)
    {
        var sdk = new AmazonS3Config
        {
            ForcePathStyle = config.Endpoint.PathStyle,
            // Exponential pauses with full jitter, and a quota of retries that refills with success only.
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = (config.MaxTries > 0 ? config.MaxTries : DefaultTries) - 1,
            ThrottleRetries = true,
            // Trailing checksums need AWS's chunked bodies; the content's MD5 does their work where it is sent.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            HttpClientFactory = new OneHttpClient(http),
            Timeout = Timeout.InfiniteTimeSpan,
            // The address comes from our settings, never from AWS_ENDPOINT_URL beside them.
            IgnoreConfiguredEndpointUrls = true,
        };
        if (config.Endpoint.ServiceUrl is { } url)
        {
            sdk.ServiceURL = url.ToString();
            sdk.AuthenticationRegion = config.Endpoint.Region;
        }
        else
        {
            sdk.RegionEndpoint = RegionEndpoint.GetBySystemName(config.Endpoint.Region);
            sdk.UseDualstackEndpoint = config.Endpoint.DualStack;
            sdk.UseHttp = config.Endpoint.Insecure;
        }

        return sdk;
    }

    /// <summary>Gives the SDK our client, which outlives its requests.</summary>
    private sealed class OneHttpClient(HttpClient client) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => client;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }
}
