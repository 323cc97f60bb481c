using Aion.Testing;

namespace Aion.ObjectStorage.S3.Tests;

/// <summary>The clouds that have an S3 API beside their own.</summary>
public sealed class CloudTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("COS", "{bucket: b, app_id: 125, region: ap-x, secret_id: k, secret_key: s}", "https://cos.ap-x.myqcloud.com/", "ap-x", "b-125", false)]
    [InlineData("COS", "{endpoint: \"https://b-125.cos.ap-x.myqcloud.com\", secret_id: k, secret_key: s}", "https://cos.ap-x.myqcloud.com/", "ap-x", "b-125", false)]
    [InlineData("COS", "{endpoint: \"http://b-125.cos-internal.ap-x.tencentcos.cn/\", bucket: b, secret_id: k, secret_key: s}", "http://cos-internal.ap-x.tencentcos.cn/", "ap-x", "b-125", false)]
    [InlineData("COS", "{endpoint: \"https://b-125.cos.accelerate.myqcloud.com\", region: ap-x, secret_id: k, secret_key: s}", "https://cos.accelerate.myqcloud.com/", "ap-x", "b-125", false)]
    [InlineData("COS", "{endpoint: \"http://10.0.0.1:99/b-125\", secret_id: k, secret_key: s}", "http://10.0.0.1:99/", "us-east-1", "b-125", true)]
    [InlineData("ALIYUNOSS", "{endpoint: oss-cn-x.aliyuncs.com, bucket: b, access_key_id: k, access_key_secret: s}", "https://s3.oss-cn-x.aliyuncs.com/", "cn-x", "b", false)]
    [InlineData("ALIYUNOSS", "{endpoint: \"http://oss-cn-x-internal.aliyuncs.com\", bucket: b, access_key_id: k, access_key_secret: s}", "http://s3.oss-cn-x-internal.aliyuncs.com/", "cn-x", "b", false)]
    [InlineData("ALIYUNOSS", "{endpoint: s3.oss-cn-x.aliyuncs.com, bucket: b, access_key_id: k, access_key_secret: s}", "https://s3.oss-cn-x.aliyuncs.com/", "cn-x", "b", false)]
    [InlineData("ALIYUNOSS", "{endpoint: oss-accelerate.aliyuncs.com, bucket: b, access_key_id: k, access_key_secret: s}", "https://s3.oss-accelerate.aliyuncs.com/", "us-east-1", "b", false)]
    [InlineData("ALIYUNOSS", "{endpoint: \"10.0.0.1:99\", bucket: b, access_key_id: k, access_key_secret: s}", "https://10.0.0.1:99/", "us-east-1", "b", true)]
    [InlineData("OBS", "{endpoint: \"https://obs.cn-north-4.myhuaweicloud.com\", bucket: b, access_key: k, secret_key: s}", "https://obs.cn-north-4.myhuaweicloud.com/", "cn-north-4", "b", false)]
    [InlineData("OBS", "{endpoint: obs.eu-west-101.myhuaweicloud.eu, bucket: b, access_key: k, secret_key: s}", "https://obs.eu-west-101.myhuaweicloud.eu/", "eu-west-101", "b", false)]
    [InlineData("OBS", "{endpoint: obs.home.example, bucket: b, access_key: k, secret_key: s}", "https://obs.home.example/", "us-east-1", "b", false)]
    [InlineData("BOS", "{endpoint: bj.bcebos.com, bucket: b, access_key: k, secret_key: s}", "https://s3.bj.bcebos.com/", "bj", "b", false)]
    [InlineData("BOS", "{endpoint: \"http://s3.gz.bcebos.com\", bucket: b, access_key: k, secret_key: s}", "http://s3.gz.bcebos.com/", "gz", "b", false)]
    public void Thanoss_fields_make_the_S3_endpoint_that_the_cloud_documents(string type, string settings, string url, string region, string bucket, bool pathStyle)
    {
        S3Config config = Provider(type).Read(Settings(type, settings), Buckets.Context());

        Assert.Equal((url, region, bucket, pathStyle), (config.Endpoint.ServiceUrl!.ToString(), config.Endpoint.Region, config.Bucket, config.Endpoint.PathStyle));
        Assert.Equal(("k", "s", url.StartsWith("http:", StringComparison.Ordinal)), (config.AccessKey, config.SecretKey, config.Endpoint.Insecure));
        Assert.False(config.Endpoint.IsAmazon);
        Assert.Equal(bucket, Provider(type).Create(Settings(type, settings), Buckets.Context()).Name);
    }

    [Theory]
    [InlineData("COS", "{}", "field config.region: is required by type COS")]
    [InlineData("COS", "{region: r, app_id: a}", "field config.bucket: is required by type COS")]
    [InlineData("COS", "{region: r, bucket: b}", "field config.app_id: is required by type COS")]
    [InlineData("COS", "{region: r/x, bucket: b, app_id: a}", "field config.region: region \"r/x\" and bucket \"b-a\" make no host name")]
    [InlineData("COS", "{region: r, bucket: b, app_id: a, secret_key: s}", "field config.secret_id: is required by type COS")]
    [InlineData("COS", "{endpoint: \"https://files.example.com\", secret_id: k, secret_key: s}", "use type S3 with its endpoint and bucket")]
    [InlineData("COS", "{endpoint: \"https://b-1.cos.accelerate.myqcloud.com\", secret_id: k, secret_key: s}", "field config.region: is required beside endpoint b-1.cos.accelerate.myqcloud.com")]
    [InlineData("COS", "{endpoint: \"ftp://x\"}", "field config.endpoint: must be a host, or an http or https address")]
    [InlineData("COS", "{zz: 1}", "field config.zz is not known")]
    [InlineData("COS", "{session_token: t}", "field config.session_token is not known")]
    [InlineData("ALIYUNOSS", "{bucket: b}", "field config.endpoint: is required by type ALIYUNOSS")]
    [InlineData("ALIYUNOSS", "{endpoint: h, access_key_id: k, access_key_secret: s}", "field config.bucket: is required by type ALIYUNOSS")]
    [InlineData("ALIYUNOSS", "{endpoint: h, bucket: b, access_key_id: k}", "field config.access_key_secret: is required by type ALIYUNOSS")]
    [InlineData("ALIYUNOSS", "{endpoint: h/x, bucket: b}", "field config.endpoint: must have no path, got \"/x\"")]
    [InlineData("ALIYUNOSS", "{zz: 1}", "field config.zz is not known")]
    [InlineData("OBS", "{bucket: b}", "field config.endpoint: is required by type OBS")]
    [InlineData("OBS", "{endpoint: h}", "field config.bucket: is required by type OBS")]
    [InlineData("OBS", "{endpoint: h, bucket: b, access_key: k}", "field config.secret_key: is required by type OBS")]
    [InlineData("OBS", "{endpoint: h, bucket: b, access_key: k, secret_key: s, http_config: {zz: 1}}", "field config.http_config.zz is not known")]
    [InlineData("OBS", "{zz: 1}", "field config.zz is not known")]
    [InlineData("BOS", "{endpoint: h, bucket: b, secret_key: k}", "field config.access_key: is required by type BOS")]
    [InlineData("BOS", "{zz: 1}", "field config.zz is not known")]
    [InlineData("OCI", "{zz: 1}", "field config.zz is not known")]
    [InlineData("OCI", "{}", "field config.provider: unsupported OCI provider: ")]
    [InlineData("OCI", "{provider: raw, bucket: b, region: us-x-1}", "type: S3 with bucket: b, endpoint: <namespace>.compat.objectstorage.us-x-1.oraclecloud.com, region: us-x-1")]
    [InlineData("OCI", "{provider: instance-principal}", "Aion does not sign requests as instance-principal")]
    public void Errors_name_the_field(string type, string settings, string expected)
    {
        IBucketProvider provider = type == "OCI" ? new OciBucketProvider() : Provider(type);

        Assert.Contains(
            expected, Assert.Throws<BucketConfigException>(() => provider.Create(Settings(type, settings), Buckets.Context())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("COS", "{{endpoint: \"{0}/{1}\", region: {2}, secret_id: \"{3}\", secret_key: \"{4}\", max_retries: 3}}")]
    [InlineData("ALIYUNOSS", "{{endpoint: \"{0}\", bucket: {1}, access_key_id: \"{3}\", access_key_secret: \"{4}\"}}")]
    [InlineData("OBS", "{{endpoint: \"{0}\", bucket: {1}, access_key: \"{3}\", secret_key: \"{4}\", max_retries: 3}}")]
    [InlineData("BOS", "{{endpoint: \"{0}\", bucket: {1}, access_key: \"{3}\", secret_key: \"{4}\"}}")]
    public async Task A_server_of_the_S3_API_answers_to_each(string type, string form)
    {
        IReadOnlyDictionary<string, string> server = await ServiceScript.StartAsync("swift-s3.sh");
        string settings = string.Format(
            System.Globalization.CultureInfo.InvariantCulture, form,
            server["AION_S3_ENDPOINT"], server["AION_S3_BUCKET"], server["AION_S3_REGION"], server["AION_S3_ACCESS_KEY"], server["AION_S3_SECRET_KEY"]);
        IBucket bucket = new PrefixedBucket(Provider(type).Create(Settings(type, settings), Buckets.Context()), "clouds/" + Guid.NewGuid().ToString("N"));

        await bucket.UploadAsync("a/x y", new PatternStream(300_000), Cancellation);

        Assert.Equal(300_000, (await bucket.AttributesAsync("a/x y", Cancellation)).SizeBytes);
        var range = new byte[10];
        Assert.Equal(10, await bucket.ReadRangeAsync("a/x y", 200_000, range, Cancellation));
        Assert.Equal(PatternStream.At(200_000), range[0]);
        Assert.Equal(["a/"], await bucket.ListAsync("", false, Cancellation).Select(e => e.Key).ToListAsync(Cancellation));
        Assert.Null(await bucket.TryGetAsync("a/y", Cancellation));
        await bucket.DeleteAsync("a/x y", Cancellation);
        Assert.False(await bucket.ExistsAsync("a/x y", Cancellation));
    }

    private static CloudBucketProvider Provider(string type) => type switch
    {
        "COS" => new CosBucketProvider(),
        "ALIYUNOSS" => new AliyunOssBucketProvider(),
        "OBS" => new ObsBucketProvider(),
        _ => new BosBucketProvider(),
    };

    private static ConfigNode Settings(string type, string settings) => BucketConfig.Parse($"type: {type}\nconfig: {settings}\n").Settings;
}
