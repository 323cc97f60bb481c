namespace Aion.Hosting.Tests;

public sealed class RoutePrefixTests
{
    [Theory]
    [InlineData("", "", "")]
    [InlineData("/", "", "")]
    [InlineData("inner", "", "/inner")]
    [InlineData("/inner/", "/outer", "/inner")]
    [InlineData("", "/outer/", "/outer")]
    [InlineData("", "https://host.example/a/b/", "/a/b")]
    [InlineData("", "https://host.example", "")]
    public void The_route_prefix_falls_back_to_the_external_one(string route, string external, string expected) =>
        Assert.Equal(expected, RoutePrefix.Effective(route, external));
}
