using Microsoft.Extensions.Logging;
using Prometheus;

namespace Aion.ObjectStorage.Tests;

public sealed class BucketConfigTests
{
    [Fact]
    public void A_folder_with_a_prefix()
    {
        BucketConfig config = BucketConfig.Parse("type: filesystem\nconfig:\n  directory: /data\nprefix: /a/b/\n");

        Assert.Equal("/data", config.Settings.Text("directory"));
        Assert.Equal("a/b", config.Prefix);
        Assert.Equal("fs: /data", Create("type: filesystem\nconfig:\n  directory: /data\nprefix: /a/b/\n").Name);
    }

    [Fact]
    public void A_prefix_of_slashes_is_none() =>
        Assert.Equal("", BucketConfig.Parse("type: FILESYSTEM\nconfig: {directory: d}\nprefix: //\n").Prefix);

    [Fact]
    public void An_unknown_setting_of_a_folder_is_told_but_no_error_as_in_Thanos()
    {
        var logger = new FakeLogger();

        Create("type: FILESYSTEM\nconfig:\n  directory: /x\n  zz: 1\n", logger);

        Assert.Equal(["object store configuration: line 4: field config.zz is not known; it has no effect"], logger.Lines);
    }

    [Theory]
    [InlineData("type: [zz\n", "yaml: line")]
    [InlineData("type: ZZ\nconfig: {}\n", "bucket with type ZZ is not supported")]
    [InlineData("config: {}\n", "bucket with type  is not supported")]
    [InlineData("", "bucket with type  is not supported")]
    [InlineData("type: s3\nconfig: {bucket: b}\n", "bucket with type S3 is not supported yet")]
    [InlineData("type: AZURE\n", "bucket with type AZURE is not supported yet")]
    [InlineData("type: FILESYSTEM\nzz: 1\nconfig:\n  directory: /x\n", "line 2: field zz is not known")]
    [InlineData("type: FILESYSTEM\nconfig: {}\n", "missing directory for filesystem bucket (field config.directory)")]
    [InlineData("type: FILESYSTEM\nconfig: [1]\n", "line 2: field config must be a mapping")]
    [InlineData("type: FILESYSTEM\nconfig: {directory: [x]}\n", "field config.directory must be a text")]
    [InlineData("- a\n", "the document must be a mapping")]
    [InlineData("type: FILESYSTEM\ntype: S3\n", "yaml: line 2")]
    [InlineData("type: FILESYSTEM\nconfig: {directory: x}\nprefix: a/../b\n", "field prefix")]
    public void Errors_name_the_field(string yaml, string expected) =>
        Assert.Contains(expected, Assert.Throws<BucketConfigException>(() => Create(yaml)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_kind_of_bucket_is_what_the_factory_was_given()
    {
        var factory = new BucketFactory(new FilesystemBucketProvider(), new MadeUpProvider());

        IBucket bucket = factory.Create(
            "type: madeup\nprefix: p\n", Metrics.WithCustomRegistry(Metrics.NewCustomRegistry()), TimeProvider.System, new FakeLogger(), _ => null);

        Assert.Equal("made up", bucket.Name);
        Assert.Equal(["FILESYSTEM", "MADEUP"], factory.Types);
    }

    private static IBucket Create(string yaml, FakeLogger? logger = null) => BucketFactory.Local.Create(
        yaml, Metrics.WithCustomRegistry(Metrics.NewCustomRegistry()), TimeProvider.System, logger ?? new FakeLogger(), _ => null);

    private sealed class MadeUpProvider : IBucketProvider
    {
        public string Type => "MADEUP";

        public IBucket Create(ConfigNode settings, BucketProviderContext context) => new InMemoryBucket(context.Time, "made up");
    }

    private sealed class FakeLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
