namespace Aion.ObjectStorage.Tests;

public sealed class BucketConfigTests
{
    [Fact]
    public void A_folder_with_a_prefix()
    {
        BucketConfig config = BucketConfig.Parse("type: filesystem\nconfig:\n  directory: /data\nprefix: /a/b/\n");

        Assert.Equal("/data", config.Filesystem.Directory);
        Assert.Equal("a/b", config.Prefix);
        Assert.Empty(config.Warnings);
    }

    [Fact]
    public void A_prefix_of_slashes_is_none() =>
        Assert.Equal("", BucketConfig.Parse("type: FILESYSTEM\nconfig: {directory: d}\nprefix: //\n").Prefix);

    [Fact]
    public void An_unknown_setting_of_a_folder_is_told_but_no_error_as_in_Thanos()
    {
        BucketConfig config = BucketConfig.Parse("type: FILESYSTEM\nconfig:\n  directory: /x\n  zz: 1\n");

        Assert.Equal(["line 4: field config.zz is not known"], config.Warnings);
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
        Assert.Contains(expected, Assert.Throws<BucketConfigException>(() => BucketConfig.Parse(yaml)).Message, StringComparison.Ordinal);
}
