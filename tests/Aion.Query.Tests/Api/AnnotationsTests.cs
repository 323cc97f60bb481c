namespace Aion.Query.Tests;

public sealed class AnnotationsTests
{
    [Theory]
    [InlineData("PromQL info: metric might not be a counter: \"up\" (1:10)", "PromQL info: metric might not be a counter: \"up\"")]
    [InlineData("PromQL warning: got NaN (12:3)", "PromQL warning: got NaN")]
    [InlineData("PromQL warning: got (NaN)", "PromQL warning: got (NaN)")]
    [InlineData("PromQL warning: got (:1)", "PromQL warning: got (:1)")]
    [InlineData("a store is gone (1:10)", "a store is gone (1:10)")]
    public void Remarks_lose_their_position(string warning, string shown) => Assert.Equal(shown, Annotations.WithoutPosition(warning));

    [Fact]
    public void Stores_come_first_and_remarks_are_sorted() => Assert.Equal(
        ["z: gone", "a: gone", "PromQL warning: a", "PromQL warning: b", "PromQL info: c"],
        Annotations.Shown(["PromQL warning: b (1:1)", "z: gone", "PromQL warning: a (1:1)", "PromQL warning: b (2:2)", "a: gone"], ["PromQL info: c"]));
}
