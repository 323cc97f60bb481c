
namespace Aion.Query.Tests;

public sealed class ShardParameterTests
{
    [Fact]
    public void A_shard_has_an_index_a_total_and_labels()
    {
        var shard = ShardParameter.Parse("""{"shard_index":1,"total_shards":3,"by":true,"labels":["a","b"],"other":{}}""")!;

        Assert.Equal((1, 3, true), (shard.ShardIndex, shard.TotalShards, shard.By));
        Assert.Equal(["a", "b"], shard.Labels);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"total_shards":0}""")]
    public void Without_shards_there_is_none(string json) => Assert.Null(ShardParameter.Parse(json));

    [Theory]
    [InlineData("{bad", "invalid character 'b' looking for beginning of object key string")]
    [InlineData("bad", "invalid character 'b' looking for beginning of value")]
    [InlineData("{", "unexpected end of JSON input")]
    [InlineData("[]", "an object is wanted, got Array")]
    [InlineData("""{"shard_index":"1"}""", "shard_index must be an integer")]
    [InlineData("""{"total_shards":1.5}""", "total_shards must be an integer")]
    [InlineData("""{"by":1}""", "by must be true or false")]
    [InlineData("""{"total_shards":1,"labels":[1]}""", "labels must be a list of strings")]
    public void Other_texts_are_refused(string json, string why) =>
        Assert.Equal(
            "could not unmarshal parameter shard_info: " + why,
            Assert.Throws<BadParameterException>(() => ShardParameter.Parse(json.Replace("by\":1", "total_shards\":1,\"by\":1", StringComparison.Ordinal))).Message);
}
