namespace Aion.Tests;

public sealed class NotBuiltTests
{
    private static readonly string[] Known = ["store", "query"];

    [Theory]
    [InlineData("receive --label=x", "receive")]
    [InlineData("--log.level=debug rule --x", "rule")]
    [InlineData("store --data-dir compact", null)]
    [InlineData("help compact", null)]
    [InlineData("", null)]
    public void The_command_is_found_wherever_it_stands(string line, string? expected) =>
        Assert.Equal(expected, NotBuilt.In(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), Known));
}
