using System.Text;
using System.Text.Json;
using FsCheck.Xunit;

namespace Aion.Query.Tests;

public sealed class JsonBufferTests
{
    [Theory]
    [InlineData("plain", "\"plain\"")]
    [InlineData("a\"b\\c", "\"a\\\"b\\\\c\"")]
    [InlineData("l1\nl2\r\t", "\"l1\\nl2\\r\\t\"")]
    [InlineData("\u0001\u001f\u007f", "\"\\u0001\\u001f\u007f\"")]
    [InlineData("<a href='x'>&</a>", "\"\\u003ca href='x'\\u003e\\u0026\\u003c/a\\u003e\"")]
    [InlineData("\u2028\u2029\u2027ü✓🚀", "\"\\u2028\\u2029\u2027ü✓🚀\"")]
    public void Texts_are_escaped_as_for_a_page(string text, string json) => Assert.Equal(json, Write(b => b.Quoted(text)));

    [Theory]
    [InlineData("<a href='x'>&</a>\u2028", "\"<a href='x'>&</a>\u2028\"")]
    [InlineData("a\"b\n", "\"a\\\"b\\n\"")]
    public void Labels_are_escaped_where_JSON_needs_it(string text, string json) =>
        Assert.Equal(json, Write(b => b.Quoted(text, JsonEscapes.Plain)));

    [Fact]
    public void Bytes_that_are_no_text_are_replaced() =>
        Assert.Equal("\"a\uFFFDb\"", Write(b => b.Quoted([(byte)'a', 0xFF, (byte)'b'])));

    [Property]
    public bool Every_text_reads_back(string? text, bool html)
    {
        string valid = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? ""));

        string json = Write(b => b.Quoted(valid, html ? JsonEscapes.Html : JsonEscapes.Plain));

        return JsonSerializer.Deserialize<string>(json) == valid;
    }

    [Theory]
    [InlineData(1.0, "\"1\"")]
    [InlineData(1e-7, "\"1e-07\"")]
    [InlineData(1e21, "\"1e+21\"")]
    [InlineData(double.NaN, "\"NaN\"")]
    [InlineData(double.NegativeInfinity, "\"-Inf\"")]
    [InlineData(-0.0, "\"-0\"")]
    public void Samples_are_numbers_in_quotes(double value, string json) => Assert.Equal(json, Write(b => b.Sample(value)));

    [Fact]
    public void A_value_that_stays_is_written_again_also_after_a_drain()
    {
        Assert.Equal("\"0.25\",\"0.25\"\"-0\"\"0\"", Write(b =>
        {
            b.Sample(0.25);
            b.Raw((byte)',');
            b.Sample(0.25);
            b.Sample(-0.0);
            b.Sample(0.0);
        }));
        Assert.Equal("\"0.25\"", Write(b =>
        {
            b.Raw("some text before it"u8);
            b.Sample(0.25);
            b.Clear();
            b.Sample(0.25);
        }));
    }

    [Theory]
    [InlineData(1767222000000, "1767222000")]
    [InlineData(1767222000100, "1767222000.100")]
    [InlineData(500, "0.500")]
    [InlineData(-1000, "-1")]
    public void Timestamps_have_no_or_three_decimals(long milliseconds, string json) => Assert.Equal(json, Write(b => b.Timestamp(milliseconds)));

    [Fact]
    public void Text_longer_than_the_buffer_fits()
    {
        string text = new('x', 300_000);

        Assert.Equal("\"" + text + "\"", Write(b => b.Quoted(text)));
    }

    private static string Write(Action<JsonBuffer> write)
    {
        using var buffer = new JsonBuffer();
        write(buffer);
        return buffer.ToString();
    }
}
