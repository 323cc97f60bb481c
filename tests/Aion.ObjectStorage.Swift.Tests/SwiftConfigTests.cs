namespace Aion.ObjectStorage.Swift.Tests;

public sealed class SwiftConfigTests
{
    private const string Known = "auth_url: \"http://k/v3\", username: u, password: p, container_name: c";

    [Fact]
    public void Defaults_are_those_of_Thanos()
    {
        SwiftConfig config = Buckets.Read($"{{{Known}}}");

        Assert.Equal("c", config.SegmentContainer);
        Assert.Equal(1L << 30, config.ChunkBytes);
        Assert.Equal(4, config.MaxTries);
        Assert.False(config.UseDynamicLargeObjects);
        Assert.Equal(TimeSpan.FromSeconds(10), config.Http.ConnectTimeout);
        Assert.Equal(TimeSpan.FromMinutes(5), config.Http.StallTimeout);
        Assert.Equal(new BucketHttpConfig().IdleConnectionTimeout, config.Http.IdleConnectionTimeout);
    }

    [Fact]
    public void Every_field_of_Thanos_is_known() => Assert.Equal(
        "seg",
        Buckets.Read(
            "{auth_version: 3, auth_url: \"http://k/\", username: u, user_domain_name: a, user_domain_id: b, user_id: i, password: p, domain_id: d, domain_name: e, "
            + "application_credential_id: \"\", application_credential_name: \"\", application_credential_secret: \"\", project_id: f, project_name: g, "
            + "project_domain_id: h, project_domain_name: i, region_name: r, container_name: c, large_object_chunk_size: 1000, "
            + "large_object_segments_container_name: seg, retries: 3, connect_timeout: 10s, timeout: 5m, use_dynamic_large_objects: false, http_config: {}}").SegmentContainer);

    [Theory]
    [InlineData("http://h/auth/v1.0", 1)]
    [InlineData("http://h/v2.0", 2)]
    [InlineData("http://h/v3", 3)]
    [InlineData("http://v1.example/v3", 3)]
    public void The_address_tells_the_version(string url, int expected) =>
        Assert.Equal(expected, Buckets.Read($"{{auth_url: \"{url}\", username: u, password: p, container_name: c}}").Login.Version);

    [Theory]
    [InlineData("{}", "field config.container_name: no Swift container name in config file")]
    [InlineData("{container_name: a/b}", "field config.container_name: a container's name holds no slash")]
    [InlineData("{container_name: c}", "field config.auth_url: no Swift authentication url in config file")]
    [InlineData("{container_name: c, auth_url: nonsense}", "field config.auth_url: must be an http or https address")]
    [InlineData("{container_name: c, auth_url: \"http://h/\", username: u}", "field config.auth_version: must be 1, 2 or 3: auth_url \"http://h/\" does not tell")]
    [InlineData("{container_name: c, auth_url: \"http://h/v3\", auth_version: 4}", "field config.auth_version must lie between 0 and 3")]
    [InlineData("{container_name: c, auth_url: \"http://h/v1.0\", password: p}", "field config.username: is required by auth version 1")]
    [InlineData("{container_name: c, auth_url: \"http://h/v2.0\", username: u, application_credential_id: i}", "application credentials need version 3")]
    [InlineData("{container_name: c, auth_url: \"http://h/v3\", username: u}", "field config.password: is required")]
    [InlineData("{container_name: c, auth_url: \"http://h/v3\", application_credential_name: n, application_credential_secret: s}", "field config.application_credential_name: needs user_id, or username")]
    [InlineData("{container_name: c, auth_url: \"http://h/v3\", application_credential_name: n, application_credential_secret: s, username: u}", "field config.username: an application credential by name needs the user's domain")]
    [InlineData("{container_name: c, zz: 1}", "field config.zz is not known")]
    [InlineData("{" + Known + ", large_object_chunk_size: 0}", "field config.large_object_chunk_size must lie between 1")]
    [InlineData("{" + Known + ", retries: -1}", "field config.retries must lie between 0")]
    [InlineData("{" + Known + ", timeout: 5}", "field config.timeout")]
    [InlineData("{" + Known + ", http_config: {zz: 1}}", "field config.http_config.zz is not known")]
    public void Errors_name_the_field(string settings, string expected) =>
        Assert.Contains(expected, Assert.Throws<BucketConfigException>(() => Buckets.Open(settings)).Message, StringComparison.Ordinal);
}
