using System.Security.Cryptography;
using System.Text.Json;
using Aion.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aion.ObjectStorage.Gcs.Tests;

public sealed class GcsConfigTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Chunks_are_rounded_up_to_what_the_service_takes()
    {
        Assert.Equal(16 << 20, Read("{bucket: b}").ChunkBytes);
        Assert.Equal(256 << 10, Read("{bucket: b, chunk_size_bytes: 1}").ChunkBytes);
        Assert.Equal(512 << 10, Read("{bucket: b, chunk_size_bytes: 262145}").ChunkBytes);
    }

    [Theory]
    [InlineData("{}", "field config.bucket: missing Google Cloud Storage bucket name")]
    [InlineData("{bucket: b, zz: 1}", "field config.zz is not known")]
    [InlineData("{bucket: b, no_auth: true}", "field config.no_auth is not known")]
    [InlineData("{bucket: b, use_grpc: true}", "field config.use_grpc: is not supported by Aion")]
    [InlineData("{bucket: b, max_retries: -1}", "field config.max_retries must lie between 0")]
    [InlineData("{bucket: b, chunk_size_bytes: x}", "field config.chunk_size_bytes must be a whole number")]
    [InlineData("{bucket: b, service_account: nonsense}", "field config.service_account: not the JSON")]
    [InlineData("{bucket: b, service_account: \"[1]\"}", "field config.service_account: the JSON's type must be")]
    [InlineData("{bucket: b, service_account: '{\"type\": \"service_account\", \"private_key\": \"x\"}'}", "field config.service_account: not the JSON")]
    [InlineData("{bucket: b, http_config: {zz: 1}}", "field config.http_config.zz is not known")]
    public void Errors_name_the_field(string settings, string expected) =>
        Assert.Contains(expected, Assert.Throws<BucketConfigException>(() => Open(settings, null)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_service_account_signs_for_a_token_that_goes_to_the_service_only()
    {
        await using var tokens = new StubHttpServer(_ => new StubAnswer(200, """{"access_token": "t0", "expires_in": 3600}""", "application/json"));
        using var rsa = RSA.Create(2048);
        string json = JsonSerializer.Serialize(new Dictionary<string, string>
        {
            ["type"] = "service_account",
            ["client_email"] = "a@b",
            ["private_key_id"] = "1",
            ["project_id"] = "p",
            ["private_key"] = rsa.ExportPkcs8PrivateKeyPem(),
            ["token_uri"] = $"http://{tokens.Address}/token",
        });

        string? token = await GcsCredentials.Of(new GcsConfig { Bucket = "b", ServiceAccount = json })(Cancellation);

        Assert.Equal("t0", token);
        Assert.Contains("grant-type", Uri.UnescapeDataString(System.Text.Encoding.UTF8.GetString(Assert.Single(tokens.Requests).Body)), StringComparison.Ordinal);
    }

    /// <param name="emulator">Host and port; null = Google itself.</param>
    internal static IBucket Open(string settings, string? emulator, TimeProvider? time = null) =>
        new GcsBucketProvider().Create(Settings(settings), Context(name => name == "STORAGE_EMULATOR_HOST" ? emulator : null, time));

    private static GcsConfig Read(string settings) => GcsConfig.Read(Settings(settings), Context(_ => null));

    private static ConfigNode Settings(string settings) => BucketConfig.Parse($"type: GCS\nconfig: {settings}\n").Settings;

    private static BucketProviderContext Context(Func<string, string?> variable, TimeProvider? time = null) => new(time ?? TimeProvider.System, NullLogger.Instance, variable);
}
