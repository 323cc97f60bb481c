namespace Aion.Tsdb.Tests;

public sealed class Crc32CTests
{
    [Fact]
    public void Gives_the_check_value() => Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));

    [Fact]
    public void Goes_on_from_an_earlier_part()
    {
        byte[] bytes = System.Text.Encoding.ASCII.GetBytes("a text of more than sixteen bytes, cut anywhere");

        for (var cut = 0; cut <= bytes.Length; cut++)
            Assert.Equal(Crc32C.Compute(bytes), Crc32C.Append(Crc32C.Compute(bytes.AsSpan(0, cut)), bytes.AsSpan(cut)));
    }
}
