using Microsoft.Extensions.Logging.Abstractions;

namespace Aion.ObjectStorage.Azure.Tests;

public sealed class AzureConfigTests
{
    [Fact]
    public void Defaults_are_those_of_Thanos()
    {
        AzureConfig config = Read("{storage_account: acc, container: c, storage_account_key: a2V5}");

        Assert.Equal("https://acc.blob.core.windows.net/c", config.ContainerUri.ToString());
        Assert.True(config.CreateContainer);
        Assert.Equal(new BucketHttpConfig(), config.Http);
    }

    [Theory]
    [InlineData("max_retries: 7", 7)]
    [InlineData("max_retries: 7, pipeline_config: {max_tries: 2}", 2)]
    [InlineData("pipeline_config: {max_tries: 2, try_timeout: 5s, retry_delay: 1s, max_retry_delay: 1m}", 2)]
    public void The_older_retry_setting_fills_in_where_the_newer_is_not_given(string settings, int expected) =>
        Assert.Equal(expected, Read($"{{storage_account: acc, container: c, {settings}}}").MaxRetries);

    [Theory]
    [InlineData("storage_account_key: a2V5")]
    [InlineData("storage_connection_string: \"DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a2V5;EndpointSuffix=core.windows.net\"")]
    [InlineData("storage_connection_string: \"BlobEndpoint=https://a.blob.core.windows.net;SharedAccessSignature=sv=2022&sig=x\"")]
    [InlineData("az_tenant_id: t, client_id: i, client_secret: s")]
    [InlineData("user_assigned_id: id")]
    [InlineData("endpoint: blob.core.chinacloudapi.cn")]
    public void Every_kind_of_credential_makes_a_bucket(string settings) =>
        Assert.Equal("cont", Open($"{{storage_account: acc, container: cont, {settings}}}").Name);

    [Theory]
    [InlineData("{}", "field config.storage_account is required but not configured, field config.container is required but not configured")]
    [InlineData("{storage_account: a, container: c, zz: 1}", "field config.zz is not known")]
    [InlineData("{storage_account: a, container: c, client_id: x}", "config.az_tenant_id, config.client_id and config.client_secret must be given together")]
    [InlineData("{storage_account: a, container: c, storage_account_key: k, storage_connection_string: s}", "excludes config.storage_connection_string")]
    [InlineData("{storage_account: a, container: c, storage_account_key: a2V5, user_assigned_id: s}", "user_assigned_id excludes config.storage_account_key")]
    [InlineData("{storage_account: a, container: c, storage_account_key: \"no!base64\"}", "field config.storage_account_key")]
    [InlineData("{storage_account: a, container: c, storage_connection_string: nonsense}", "field config.storage_connection_string")]
    [InlineData("{storage_account: a, container: c, pipeline_config: {zz: 1}}", "field config.pipeline_config.zz is not known")]
    [InlineData("{storage_account: a, container: c, pipeline_config: {max_tries: -1}}", "field config.pipeline_config.max_tries must lie between 0")]
    [InlineData("{storage_account: a, container: c, reader_config: {max_retry_requests: x}}", "field config.reader_config.max_retry_requests")]
    [InlineData("{storage_account: a b, container: c}", "make no address")]
    public void Errors_name_the_field(string settings, string expected) =>
        Assert.Contains(expected, Assert.Throws<BucketConfigException>(() => Open(settings)).Message, StringComparison.Ordinal);

    internal static IBucket Open(string settings) => new AzureBucketProvider().Create(Settings(settings), Context);

    private static AzureConfig Read(string settings) => AzureConfig.Read(Settings(settings), Context);

    private static ConfigNode Settings(string settings) => BucketConfig.Parse($"type: AZURE\nconfig: {settings}\n").Settings;

    private static BucketProviderContext Context => new(TimeProvider.System, NullLogger.Instance, _ => null);
}
