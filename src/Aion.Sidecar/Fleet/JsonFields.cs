using System.Globalization;
using System.Text.Json;
using Aion.Model;
using Aion.Protocol.Wire;
using Aion.Storage;
using Google.Protobuf.WellKnownTypes;
using Label = Aion.Protocol.Wire.Label;

namespace Aion.Sidecar;

/// <summary>Reads fields of an answer of Prometheus. What is absent is empty; what has another kind than it should is an error that names the field.</summary>
internal static class JsonFields
{
    public static IEnumerable<JsonElement> List(this JsonElement parent, string field)
    {
        if (!Find(parent, field, out JsonElement value)) return [];
        return value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : throw Bad(field, "a list", value);
    }

    public static string Text(this JsonElement parent, string field)
    {
        if (!Find(parent, field, out JsonElement value)) return "";
        return value.ValueKind == JsonValueKind.String ? TextOf(value, field) : throw Bad(field, "a text", value);
    }

    public static double Number(this JsonElement parent, string field)
    {
        if (!Find(parent, field, out JsonElement value)) return 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) ? number : throw Bad(field, "a number", value);
    }

    public static long Whole(this JsonElement parent, string field)
    {
        if (!Find(parent, field, out JsonElement value)) return 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : throw Bad(field, "a whole number", value);
    }

    /// <summary>RFC 3339 with up to nine decimals; null for the year 1, which stands for never.</summary>
    public static Timestamp? Time(this JsonElement parent, string field)
    {
        string text = parent.Text(field);
        if (text.Length == 0) return null;
        int point = text.IndexOf('.', StringComparison.Ordinal), nanos = 0;
        if (point >= 0)
        {
            int end = point + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
            string digits = text[(point + 1)..Math.Min(end, point + 10)];
            if (digits.Length > 0) nanos = int.Parse(digits.PadRight(9, '0'), CultureInfo.InvariantCulture);
            text = text[..point] + text[end..];
        }

        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
            throw new StoreException(StoreErrorKind.Internal, $"answer of Prometheus: field {field} is no time: {parent.Text(field)}");
        return time.Year <= 1 ? null : new Timestamp { Seconds = time.ToUnixTimeSeconds(), Nanos = nanos };
    }

    /// <summary>An object of text as labels, sorted, with others on top.</summary>
    public static ZLabelSet Labels(this JsonElement parent, string field, Labels more)
    {
        var builder = new LabelsBuilder();
        if (Find(parent, field, out JsonElement value))
        {
            if (value.ValueKind != JsonValueKind.Object) throw Bad(field, "an object", value);
            foreach (JsonProperty label in value.EnumerateObject())
                builder.Set(NameOf(label), label.Value.ValueKind == JsonValueKind.String ? TextOf(label.Value, field) : throw Bad(field, "an object of text", label.Value));
        }

        foreach (LabelPair label in more) builder.Set(label.Name, label.Value);
        return ToWire(builder.ToLabels());
    }

    public static string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException e)
        {
            throw NoText("a name", e);
        }
    }

    public static StoreException Bad(string field, string what, JsonElement value) =>
        new(StoreErrorKind.Internal, $"answer of Prometheus: field {field} must be {what}, got {value.ValueKind}");

    private static string TextOf(JsonElement value, string field)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw NoText($"field {field}", e);
        }
    }

    private static StoreException NoText(string what, Exception inner) =>
        new(StoreErrorKind.Internal, $"answer of Prometheus: {what} is no Unicode text: {inner.Message}", inner);

    private static ZLabelSet ToWire(Labels labels)
    {
        var set = new ZLabelSet();
        foreach ((string name, string value) in labels.Pairs()) set.Labels.Add(new Label { Name = name, Value = value });
        return set;
    }

    private static bool Find(JsonElement parent, string field, out JsonElement value)
    {
        value = default;
        return parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(field, out value) && value.ValueKind != JsonValueKind.Null;
    }
}
