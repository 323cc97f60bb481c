using System.Text;
using Aion.Model;
using Aion.Testing;
using FsCheck.Xunit;

namespace Aion.Blocks.Tests;

public sealed class ShipperStateTests
{
    [Fact]
    public void The_form_is_that_of_Thanos()
    {
        Assert.Equal("{\n\t\"version\": 1,\n\t\"uploaded\": null\n}\n", Text(ShipperState.Empty));
        Assert.Equal(
            "{\n\t\"version\": 1,\n\t\"uploaded\": [\n\t\t\"01M869PTTK54H6P8EPSEDWWGXQ\"\n\t]\n}\n",
            Text(ShipperState.Parse("""{"version":1,"uploaded":["01M869PTTK54H6P8EPSEDWWGXQ"]}"""u8.ToArray(), "test")));
    }

    [Property]
    public bool Any_list_survives(ushort[] numbers)
    {
        var state = new ShipperState([.. numbers.Select(n => TestBlocks.Id(n))]);

        return ShipperState.Parse(state.ToUtf8(), "test").Uploaded.SequenceEqual(state.Uploaded);
    }

    [Theory]
    [InlineData("""{"version":2,"uploaded":[]}""", "version 2")]
    [InlineData("""{"version":1,"uploaded":["x"]}""", "uploaded[0]")]
    [InlineData("""{"version":1,"uploaded":7}""", "uploaded must be a list")]
    [InlineData("""{"ver""", "no valid JSON")]
    public void An_unusable_file_is_empty_with_a_reason(string text, string expected)
    {
        using var folder = new TempDirectory();
        File.WriteAllText(folder.Combine("state"), text);

        Assert.Empty(ShipperState.Read(folder.Combine("state"), out string? reason).Uploaded);
        Assert.Contains(expected, reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_absent_file_is_empty_without_a_reason()
    {
        Assert.Equal(new List<BlockId>(), ShipperState.Read("/absent/state", out string? reason).Uploaded);
        Assert.Null(reason);
    }

    private static string Text(ShipperState state) => Encoding.UTF8.GetString(state.ToUtf8());
}
