using System.Buffers;
using System.Text;
using System.Text.Json;
using FsCheck.Xunit;

namespace Aion.Hosting.Tests;

public sealed class ApiJsonTests
{
    [Theory]
    [InlineData("plain", "\"plain\"")]
    [InlineData("<a href='x'>&</a>", "\"\\u003ca href='x'\\u003e\\u0026\\u003c/a\\u003e\"")]
    [InlineData("q\"b\\s/", "\"q\\\"b\\\\s/\"")]
    [InlineData("\n\r\t\b\f\u0001\u007f", "\"\\n\\r\\t\\u0008\\u000c\\u0001\u007f\"")]
    [InlineData("\u2028\u2029ü日🚀", "\"\\u2028\\u2029ü日🚀\"")]
    public void Text_is_escaped_as_the_fields_servers_do(string text, string expected)
    {
        Assert.Equal(expected, Encoding.UTF8.GetString(Direct(Encoding.UTF8.GetBytes(text))));
        Assert.Equal(expected, Encoding.UTF8.GetString(ByWriter(text)));
    }

    [Fact]
    public void Bytes_that_are_not_utf8_become_the_replacement_character()
    {
        Assert.Equal("\"a\uFFFD\uFFFDb\"", Encoding.UTF8.GetString(Direct([(byte)'a', 0xFF, 0xC3, (byte)'b'])));
    }

    [Property]
    public bool Any_text_reads_back_and_both_writers_agree(string? text)
    {
        // Lone surrogates have no UTF-8; both writers put the replacement character.
        string wellFormed = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? ""));
        byte[] direct = Direct(Encoding.UTF8.GetBytes(text ?? ""));
        return JsonSerializer.Deserialize<string>(direct) == wellFormed && direct.SequenceEqual(ByWriter(wellFormed));
    }

    [Property]
    public bool Any_bytes_give_valid_json(byte[] bytes) => JsonSerializer.Deserialize<string>(Direct(bytes)) == Encoding.UTF8.GetString(bytes);

    private static byte[] Direct(byte[] utf8)
    {
        ArrayBufferWriter<byte> target = new();
        ApiJson.WriteString(target, utf8);
        return target.WrittenSpan.ToArray();
    }

    private static byte[] ByWriter(string text)
    {
        ArrayBufferWriter<byte> target = new();
        using (Utf8JsonWriter writer = new(target, ApiJson.WriterOptions)) writer.WriteStringValue(text);
        return target.WrittenSpan.ToArray();
    }
}
