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

    [Fact]
    public void Four_texts_at_once_have_the_sums_that_they_have_one_by_one()
    {
        byte[] bytes = new byte[200];
        new Random(5).NextBytes(bytes);
        var sums = new uint[Crc32C.Lanes];

        foreach ((int a, int b, int c, int d) in new[] { (0, 1, 7, 8), (9, 100, 64, 63), (200, 3, 16, 24), (8, 8, 8, 8) })
        {
            Crc32C.Compute(bytes.AsSpan(0, a), bytes.AsSpan(200 - b), bytes.AsSpan(0, c), bytes.AsSpan(200 - d), sums);

            Assert.Equal(
                [Crc32C.Compute(bytes.AsSpan(0, a)), Crc32C.Compute(bytes.AsSpan(200 - b)), Crc32C.Compute(bytes.AsSpan(0, c)), Crc32C.Compute(bytes.AsSpan(200 - d))],
                sums);
        }
    }
}
