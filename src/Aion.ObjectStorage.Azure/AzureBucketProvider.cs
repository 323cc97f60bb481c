using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Storage;
using Azure.Storage.Blobs;

namespace Aion.ObjectStorage.Azure;

/// <summary>The <c>AZURE</c> kind of bucket.</summary>
public sealed class AzureBucketProvider : IBucketProvider
{
    private const int DefaultRetries = 3;
    private static readonly TimeSpan DefaultDelay = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan DefaultMaxDelay = TimeSpan.FromMinutes(1);

    public string Type => "AZURE";

    public IBucket Create(ConfigNode settings, BucketProviderContext context)
    {
        AzureConfig config = AzureConfig.Read(settings, context);
        return new AzureBucket(CreateClient(config, context), config.CreateContainer);
    }

    private static BlobContainerClient CreateClient(AzureConfig config, BucketProviderContext context)
    {
        BlobClientOptions options = OptionsOf(config, context);
        try
        {
            if (config.ConnectionString.Length > 0) return new BlobContainerClient(config.ConnectionString, config.Container, options);
            if (config.AccountKey.Length > 0)
                return new BlobContainerClient(config.ContainerUri, new StorageSharedKeyCredential(config.Account, config.AccountKey), options);
            return new BlobContainerClient(config.ContainerUri, CredentialOf(config, options.Transport), options);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            // The SDK's messages do not repeat the secret.
            string field = config.ConnectionString.Length > 0 ? "storage_connection_string" : config.AccountKey.Length > 0 ? "storage_account_key" : "az_tenant_id";
            throw new BucketConfigException($"field config.{field}: {e.Message}", e);
        }
    }

    private static TokenCredential CredentialOf(AzureConfig config, HttpPipelineTransport transport)
    {
        if (config.ClientSecret.Length > 0)
            return new ClientSecretCredential(
                config.TenantId, config.ClientId, config.ClientSecret, new ClientSecretCredentialOptions { Transport = transport });
        if (config.UserAssignedId.Length > 0) return new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(config.UserAssignedId));
        // Environment, workload identity, managed identity, then the tools of a developer.
        return new DefaultAzureCredential(new DefaultAzureCredentialOptions { ExcludeInteractiveBrowserCredential = true });
    }

    private static BlobClientOptions OptionsOf(AzureConfig config, BucketProviderContext context)
    {
        TimeSpan delay = config.RetryDelay > TimeSpan.Zero ? config.RetryDelay : DefaultDelay;
        TimeSpan maxDelay = config.MaxRetryDelay > TimeSpan.Zero ? config.MaxRetryDelay : DefaultMaxDelay;
        var options = new BlobClientOptions
        {
            Transport = new HttpClientTransport(BucketHttp.CreateClient(config.Http, trace: false, context)),
            RetryPolicy = new BudgetedRetryPolicy(
                config.MaxRetries > 0 ? config.MaxRetries : DefaultRetries, DelayStrategy.CreateExponentialDelayStrategy(delay, maxDelay)),
        };
        if (config.TryTimeout > TimeSpan.Zero) options.Retry.NetworkTimeout = config.TryTimeout;
        return options;
    }

    /// <summary>The SDK's retries, exponential with jitter, as far as the budget goes.</summary>
    private sealed class BudgetedRetryPolicy(int maxRetries, DelayStrategy delays) : RetryPolicy(maxRetries, delays)
    {
        private readonly RetryBudget _budget = new();

        protected override void OnSendingRequest(HttpMessage message)
        {
            if (message.ProcessingContext.RetryNumber == 0) _budget.Earn();
        }

        protected override ValueTask OnSendingRequestAsync(HttpMessage message)
        {
            OnSendingRequest(message);
            return ValueTask.CompletedTask;
        }

        protected override bool ShouldRetry(HttpMessage message, Exception? exception) => base.ShouldRetry(message, exception) && _budget.TrySpend();

        protected override async ValueTask<bool> ShouldRetryAsync(HttpMessage message, Exception? exception) =>
            await base.ShouldRetryAsync(message, exception) && _budget.TrySpend();
    }
}
