using Microsoft.Extensions.Logging;

namespace Aion.ObjectStorage.S3.Tests;

public sealed class S3ConfigTests
{
    [Fact]
    public void The_reference_deployment_works_as_given_and_the_old_field_is_told()
    {
        var log = new Lines();

        S3Config config = Buckets.Read(
            """
            bucket: "metrics-storage"
            endpoint: "s3.us-east-1.amazonaws.com"
            region: "us-east-1"
            access_key: ""
            secret_key: ""
            insecure: false
            signature_version2: false
            encrypt_sse: true
            put_user_metadata: {}
            http_config:
              idle_conn_timeout: 90s
              response_header_timeout: 2m
              insecure_skip_verify: false
            trace:
              enable: false
            part_size: 67108864
            """,
            log);

        Assert.Equal("metrics-storage", config.Bucket);
        Assert.Same(S3Encryption.S3Managed, config.Encryption);
        Assert.Equal(67108864, config.PartBytes);
        Assert.Equal(new BucketHttpConfig(), config.Http);
        Assert.Equal(
            ["object store configuration: field config.encrypt_sse is deprecated: use sse_config with type SSE-S3 instead"], log.Written);
    }

    [Fact]
    public void Defaults_are_those_of_Thanos()
    {
        S3Config config = Buckets.Read("{bucket: b, endpoint: \"host:9000\"}");

        Assert.True(config.SendContentMd5);
        Assert.False(config.DisableMultipart || config.ListVersion1 || config.UseSdkChain || config.Trace);
        Assert.Equal(64 << 20, config.PartBytes);
        Assert.Same(S3Encryption.None, config.Encryption);
        Assert.Equal(TimeSpan.FromSeconds(90), config.Http.IdleConnectionTimeout);
        Assert.Equal(TimeSpan.FromMinutes(2), config.Http.ResponseHeaderTimeout);
    }

    [Theory]
    [InlineData("{bucket: b}", "field config.endpoint: no s3 endpoint in config file")]
    [InlineData("{endpoint: h}", "field config.bucket: no s3 bucket in config file")]
    [InlineData("{bucket: b, endpoint: \"https://h/\"}", "line 2: field config.endpoint: must be host or host:port")]
    [InlineData("{bucket: b, endpoint: h, zz: 1}", "field config.zz is not known")]
    [InlineData("{bucket: b, endpoint: h, signature_version2: true}", "field config.signature_version2: is not supported by Aion")]
    [InlineData("{bucket: b, endpoint: h, access_key: a}", "field config.secret_key: no s3 secret_key specified")]
    [InlineData("{bucket: b, endpoint: h, secret_key: a}", "field config.access_key: no s3 access_key specified")]
    [InlineData("{bucket: b, endpoint: h, aws_sdk_auth: true, access_key: a, secret_key: s}", "mutually exclusive")]
    [InlineData("{bucket: b, endpoint: h, insecure: maybe}", "field config.insecure must be true or false")]
    [InlineData("{bucket: b, endpoint: h, part_size: 1}", "field config.part_size: must lie between")]
    [InlineData("{bucket: b, endpoint: h, part_size: 64MiB}", "field config.part_size must be a whole number")]
    [InlineData("{bucket: b, endpoint: h, list_objects_version: v3}", "field config.list_objects_version")]
    [InlineData("{bucket: b, endpoint: h, bucket_lookup_type: Path}", "field config.bucket_lookup_type")]
    [InlineData("{bucket: b, endpoint: h, sse_config: {type: X}}", "field config.sse_config.type: unsupported type X")]
    [InlineData("{bucket: b, endpoint: h, sse_config: {type: SSE-KMS}}", "field config.sse_config.kms_key_id: is required")]
    [InlineData("{bucket: b, endpoint: h, sse_config: {type: SSE-C}}", "field config.sse_config.encryption_key: is required")]
    [InlineData("{bucket: b, endpoint: h, sse_config: {type: SSE-C, encryption_key: /none}}", "can't read /none")]
    [InlineData("{bucket: b, endpoint: h, sse_config: {zz: 1}}", "field config.sse_config.zz is not known")]
    [InlineData("{bucket: b, endpoint: h, trace: {zz: 1}}", "field config.trace.zz is not known")]
    [InlineData("{bucket: b, endpoint: h, put_user_metadata: {x-amz-acl: p}}", "field config.put_user_metadata: x-amz-acl is not supported")]
    [InlineData("{bucket: b, endpoint: h, put_user_metadata: [1]}", "field config.put_user_metadata must be a mapping")]
    [InlineData("{bucket: b, endpoint: h, http_config: {zz: 1}}", "field config.http_config.zz is not known")]
    [InlineData("{bucket: b, endpoint: h, http_config: {idle_conn_timeout: 5}}", "field config.http_config.idle_conn_timeout")]
    [InlineData("{bucket: b, endpoint: h, http_config: {tls_config: {cert_file: x}}}", "cert_file and key_file must be given together")]
    [InlineData("{bucket: b, endpoint: h, http_config: {tls_config: {ca_file: /none.pem}}}", "/none.pem")]
    public void Errors_name_the_field(string settings, string expected) =>
        Assert.Contains(expected, Assert.Throws<BucketConfigException>(() => Buckets.Open(settings)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("s3.us-east-1.amazonaws.com", "", "us-east-1", true, false, null)]
    [InlineData("s3.eu-west-1.amazonaws.com", "", "eu-west-1", true, false, null)]
    [InlineData("s3-eu-west-1.amazonaws.com", "", "eu-west-1", true, false, null)]
    [InlineData("s3.dualstack.eu-west-1.amazonaws.com", "", "eu-west-1", true, false, null)]
    [InlineData("s3.amazonaws.com", "", "us-east-1", true, false, null)]
    [InlineData("s3.amazonaws.com", "ap-south-1", "ap-south-1", true, false, null)]
    [InlineData("s3.cn-north-1.amazonaws.com.cn", "", "cn-north-1", true, false, null)]
    [InlineData("s3.us-gov-west-1.amazonaws.com", "", "us-gov-west-1", true, false, null)]
    [InlineData("s3-fips.us-east-2.amazonaws.com", "", "us-east-2", true, false, "https://s3-fips.us-east-2.amazonaws.com/")]
    [InlineData("bucket.vpce-1a2b.s3.us-east-1.vpce.amazonaws.com", "", "us-east-1", true, false, "https://bucket.vpce-1a2b.s3.us-east-1.vpce.amazonaws.com/")]
    [InlineData("minio:9000", "", "us-east-1", false, true, "https://minio:9000/")]
    [InlineData("minio:9000", "home", "home", false, true, "https://minio:9000/")]
    [InlineData("storage.googleapis.com", "", "us-east-1", false, false, "https://storage.googleapis.com/")]
    [InlineData("evil-amazonaws.com", "", "us-east-1", false, true, "https://evil-amazonaws.com/")]
    public void The_endpoint_decides_region_style_and_conditional_writes(
        string host, string region, string expectedRegion, bool amazon, bool pathStyle, string? url)
    {
        S3Endpoint endpoint = S3Endpoint.Of(host, region, insecure: false, disableDualStack: false, BucketLookup.Auto, "b");

        Assert.Equal(expectedRegion, endpoint.Region);
        Assert.Equal(amazon, endpoint.IsAmazon);
        Assert.Equal(pathStyle, endpoint.PathStyle);
        Assert.Equal(url, endpoint.ServiceUrl?.ToString());
        Assert.Equal(url is null, endpoint.DualStack);
    }

    [Fact]
    public void A_bucket_with_dots_goes_into_the_path_where_the_certificate_would_not_match() =>
        Assert.True(S3Endpoint.Of("s3.amazonaws.com", "", false, true, BucketLookup.Auto, "a.b").PathStyle);

    private sealed class Lines : ILogger
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add(formatter(state, exception));
    }
}
