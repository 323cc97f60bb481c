using System.Text.Json;
using Aion.Model;
using Aion.Storage;

namespace Aion.Sidecar;

/// <summary>Reads the answers of Prometheus's HTTP API: the envelope, and in it lists of text, objects of text, or label sets.</summary>
internal static class PrometheusJson
{
    private delegate void ReadValue(ref Utf8JsonReader reader);

    /// <summary>One text field of a <c>data</c> object.</summary>
    public static string ReadText(byte[] body, string field) =>
        ReadTexts(body).TryGetValue(field, out string? value) ? value : throw Bad($"field data.{field} is missing");

    /// <summary>The text fields of a <c>data</c> object; truth values as <c>true</c> and <c>false</c>.</summary>
    public static IReadOnlyDictionary<string, string> ReadTexts(byte[] body)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        Read(body, (ref Utf8JsonReader reader) =>
        {
            Expect(ref reader, JsonTokenType.StartObject);
            while (Next(ref reader) == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                switch (Next(ref reader))
                {
                    case JsonTokenType.String: fields[name] = reader.GetString()!; break;
                    case JsonTokenType.True: fields[name] = "true"; break;
                    case JsonTokenType.False: fields[name] = "false"; break;
                    default: reader.Skip(); break;
                }
            }
        });
        return fields;
    }

    /// <summary>A <c>data</c> list of text.</summary>
    public static PrometheusAnswer<string> ReadList(byte[] body)
    {
        var list = new List<string>();
        IReadOnlyList<string> warnings = Read(body, (ref Utf8JsonReader reader) => ReadList(ref reader, list));
        return new PrometheusAnswer<string>(list, warnings);
    }

    /// <summary>A <c>data</c> list of label sets.</summary>
    public static PrometheusAnswer<Labels> ReadSeries(byte[] body)
    {
        var series = new List<Labels>();
        var builder = new LabelsBuilder();
        byte[] text = [];
        IReadOnlyList<string> warnings = Read(body, (ref Utf8JsonReader reader) =>
        {
            Expect(ref reader, JsonTokenType.StartArray);
            while (Next(ref reader) == JsonTokenType.StartObject)
            {
                builder.Clear();
                while (Next(ref reader) == JsonTokenType.PropertyName)
                {
                    // Names and values are copied through one buffer, since JSON text may hold escapes.
                    int nameLength = CopyText(ref reader, ref text, 0);
                    if (Next(ref reader) != JsonTokenType.String) throw Bad("a label has no text as its value");
                    int end = CopyText(ref reader, ref text, nameLength);
                    builder.Add(text.AsSpan(0, nameLength), text.AsSpan(nameLength, end - nameLength));
                }

                series.Add(builder.ToLabels());
            }

            Expect(ref reader, JsonTokenType.EndArray);
        });
        return new PrometheusAnswer<Labels>(series, warnings);
    }

    private static int CopyText(ref Utf8JsonReader reader, ref byte[] text, int at)
    {
        if (text.Length < at + reader.ValueSpan.Length) Array.Resize(ref text, Math.Max(256, (at + reader.ValueSpan.Length) * 2));
        return at + reader.CopyString(text.AsSpan(at));
    }

    private static List<string> Read(byte[] body, ReadValue readData)
    {
        try
        {
            var warnings = new List<string>();
            var reader = new Utf8JsonReader(body);
            string status = "";
            if (Next(ref reader) != JsonTokenType.StartObject) throw Bad("the document is no object");
            while (Next(ref reader) == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                Next(ref reader);
                if (name == "data" && reader.TokenType != JsonTokenType.Null) readData(ref reader);
                else if (name == "status") status = reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
                else if (name == "warnings" && reader.TokenType == JsonTokenType.StartArray) ReadList(ref reader, warnings);
                else reader.Skip();
            }

            return status == "success" ? warnings : throw Bad($"status is \"{status}\"");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Bad(e.Message);
        }
    }

    private static void ReadList(ref Utf8JsonReader reader, List<string> list)
    {
        Expect(ref reader, JsonTokenType.StartArray);
        while (Next(ref reader) == JsonTokenType.String) list.Add(reader.GetString()!);
        Expect(ref reader, JsonTokenType.EndArray);
    }

    private static JsonTokenType Next(ref Utf8JsonReader reader) => reader.Read() ? reader.TokenType : throw Bad("it ends too early");

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType token)
    {
        if (reader.TokenType != token) throw Bad($"{reader.TokenType} where {token} belongs, at byte {reader.TokenStartIndex}");
    }

    private static StoreException Bad(string reason) => new(
        StoreErrorKind.Internal, $"the answer is not that of a Prometheus API ({reason}); is --prometheus.url right?");
}
