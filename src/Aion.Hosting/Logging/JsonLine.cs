using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Aion.Hosting;

/// <summary>One JSON object a line, keys sorted; numbers and booleans as such, the rest as text. A repeated key keeps its last value.</summary>
internal static class JsonLine
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static void Write(IBufferWriter<byte> target, in LogLine line, ReadOnlySpan<(string Key, object? Value)> bound,
        ReadOnlySpan<(string Key, object? Value)> fields)
    {
        SortedDictionary<string, object?> values = new(StringComparer.Ordinal)
        {
            ["ts"] = LogValue.Time(line.Time),
            ["caller"] = line.Caller,
            ["level"] = line.Level,
        };
        if (line.Name.Length > 0) values["name"] = line.Name;
        foreach ((string key, object? value) in bound) values[key] = value;
        if (line.Message is not null) values["msg"] = line.Message;
        foreach ((string key, object? value) in fields) values[key] = value;

        using (Utf8JsonWriter writer = new(target, Options))
        {
            writer.WriteStartObject();
            foreach ((string key, object? value) in values)
            {
                writer.WritePropertyName(key);
                WriteValue(writer, value);
            }

            writer.WriteEndObject();
        }

        target.Write("\n"u8);
    }

    private static void WriteValue(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null: writer.WriteNullValue(); break;
            case bool flag: writer.WriteBooleanValue(flag); break;
            case int or short or byte or long or uint or ushort or sbyte: writer.WriteNumberValue(Convert.ToInt64(value, null)); break;
            case ulong number: writer.WriteNumberValue(number); break;
            case double number when double.IsFinite(number): writer.WriteNumberValue(number); break;
            default: writer.WriteStringValue(LogValue.Text(value)); break;
        }
    }
}
