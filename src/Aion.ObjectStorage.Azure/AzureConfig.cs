namespace Aion.ObjectStorage.Azure;

/// <summary>The settings of a container in Azure's blob storage, with Thanos's names and defaults.</summary>
internal sealed record AzureConfig
{
    private const string DefaultEndpoint = "blob.core.windows.net";

    public required string Account { get; init; }

    public required string Container { get; init; }

    public string AccountKey { get; init; } = "";

    /// <summary>Holds the account's address and either its key or a shared access signature.</summary>
    public string ConnectionString { get; init; } = "";

    public string Endpoint { get; init; } = DefaultEndpoint;

    /// <summary>Tenant, client and secret of a registered application: all or none.</summary>
    public string TenantId { get; init; } = "";

    public string ClientId { get; init; } = "";

    public string ClientSecret { get; init; } = "";

    /// <summary>Client id of a managed identity.</summary>
    public string UserAssignedId { get; init; } = "";

    /// <summary>Make the container where it is missing, before the first call.</summary>
    public bool CreateContainer { get; init; } = true;

    /// <summary>Retries after the first try; 0 = three.</summary>
    public int MaxRetries { get; init; }

    /// <summary>Zero = the client's 100 seconds without a byte.</summary>
    public TimeSpan TryTimeout { get; init; }

    /// <summary>The first pause, which doubles; zero = 0.8 s.</summary>
    public TimeSpan RetryDelay { get; init; }

    /// <summary>Zero = one minute.</summary>
    public TimeSpan MaxRetryDelay { get; init; }

    public BucketHttpConfig Http { get; init; } = new();

    public Uri ContainerUri => new($"https://{Account}.{Endpoint}/{Container}");

    /// <exception cref="BucketConfigException">The message names the fields.</exception>
    public static AzureConfig Read(ConfigNode settings, BucketProviderContext context)
    {
        settings.RefuseUnknown(
            "az_tenant_id", "client_id", "client_secret", "storage_account", "storage_account_key", "storage_connection_string",
            "storage_create_container", "container", "endpoint", "user_assigned_id", "max_retries", "reader_config", "pipeline_config",
            "http_config", "msi_resource");
        ConfigNode reader = settings.Map("reader_config");
        reader.RefuseUnknown("max_retry_requests");
        ConfigNode pipeline = settings.Map("pipeline_config");
        pipeline.RefuseUnknown("max_tries", "try_timeout", "retry_delay", "max_retry_delay");
        Warn(settings, reader, context);
        string endpoint = settings.TextOrEmpty("endpoint");
        var maxRetries = (int)settings.Number("max_retries", 0, 0, 1000);
        var maxTries = (int)pipeline.Number("max_tries", 0, 0, 1000);
        var config = new AzureConfig
        {
            Account = settings.TextOrEmpty("storage_account"),
            Container = settings.TextOrEmpty("container"),
            AccountKey = settings.TextOrEmpty("storage_account_key"),
            ConnectionString = settings.TextOrEmpty("storage_connection_string"),
            Endpoint = endpoint.Length == 0 ? DefaultEndpoint : endpoint,
            TenantId = settings.TextOrEmpty("az_tenant_id"),
            ClientId = settings.TextOrEmpty("client_id"),
            ClientSecret = settings.TextOrEmpty("client_secret"),
            UserAssignedId = settings.TextOrEmpty("user_assigned_id"),
            CreateContainer = settings.Flag("storage_create_container", defaultValue: true),
            MaxRetries = maxTries > 0 ? maxTries : maxRetries,
            TryTimeout = pipeline.Duration("try_timeout", TimeSpan.Zero),
            RetryDelay = pipeline.Duration("retry_delay", TimeSpan.Zero),
            MaxRetryDelay = pipeline.Duration("max_retry_delay", TimeSpan.Zero),
            Http = BucketHttpConfig.Read(settings, context),
        };
        List<string> problems = Problems(config);
        return problems.Count == 0 ? config : throw new BucketConfigException(string.Join(", ", problems));
    }

    private static void Warn(ConfigNode settings, ConfigNode reader, BucketProviderContext context)
    {
        if (settings.TextOrEmpty("msi_resource").Length > 0)
            context.Warn("field config.msi_resource is deprecated and has no effect: use user_assigned_id or the environment's identity");
        if (reader.Number("max_retry_requests", 0, 0, 1000) > 0)
            context.Warn("field config.reader_config.max_retry_requests has no effect: a broken read is taken up again five times");
    }

    private static List<string> Problems(AzureConfig config)
    {
        var problems = new List<string>();
        bool application = config.ClientId.Length > 0 || config.ClientSecret.Length > 0 || config.TenantId.Length > 0;
        if (application && (config.ClientId.Length == 0 || config.ClientSecret.Length == 0 || config.TenantId.Length == 0))
            problems.Add("fields config.az_tenant_id, config.client_id and config.client_secret must be given together");
        if (config.AccountKey.Length > 0 && config.ConnectionString.Length > 0)
            problems.Add("field config.storage_account_key excludes config.storage_connection_string");
        if (config.UserAssignedId.Length > 0)
        {
            if (config.AccountKey.Length > 0) problems.Add("field config.user_assigned_id excludes config.storage_account_key");
            if (config.ConnectionString.Length > 0) problems.Add("field config.user_assigned_id excludes config.storage_connection_string");
            if (config.ClientId.Length > 0) problems.Add("field config.user_assigned_id excludes config.client_id");
        }

        if (config.Account.Length == 0) problems.Add("field config.storage_account is required but not configured");
        if (config.Container.Length == 0) problems.Add("field config.container is required but not configured");
        else if (!Uri.TryCreate($"https://{config.Account}.{config.Endpoint}/{config.Container}", UriKind.Absolute, out _))
            problems.Add($"fields config.storage_account, config.endpoint and config.container make no address: https://{config.Account}.{config.Endpoint}/{config.Container}");
        return problems;
    }
}
