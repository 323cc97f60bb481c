using System.Collections;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Aion.StoreApi.Tests;

/// <summary>
/// Messages as JSON in the form of the recordings: proto field names, integers as numbers, enums as names, bytes as base64, fields at
/// their default absent; an Any is shown with its content decoded.
/// </summary>
internal static class ProtoJson
{
    private static readonly TypeRegistry Known = TypeRegistry.FromFiles(Aion.Protocol.Wire.Hints.HintsReflection.Descriptor);

    /// <summary>Text without escapes that only HTML needs.</summary>
    public static JsonSerializerOptions Plain { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonObject Of(IMessage message)
    {
        var json = new JsonObject();
        foreach (FieldDescriptor field in message.Descriptor.Fields.InDeclarationOrder())
        {
            object? value = field.Accessor.GetValue(message);
            bool present = field.HasPresence ? field.Accessor.HasValue(message) : !IsDefault(value);
            if (!present || value is null) continue;
            json[field.Name] = field.IsRepeated
                ? new JsonArray([.. ((IEnumerable)value).Cast<object>().Select(item => Single(field, item))])
                : Single(field, value);
        }

        return json;
    }

    private static JsonNode Single(FieldDescriptor field, object value) => value switch
    {
        Any any => OfAny(any),
        IMessage message => Of(message),
        ByteString bytes => JsonValue.Create(bytes.ToBase64()),
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        System.Enum number => field.EnumType.FindValueByNumber((int)(object)number) is { } known
            ? JsonValue.Create(known.Name)
            : JsonValue.Create((int)(object)number),
        double.PositiveInfinity => JsonValue.Create("+Inf"),
        double.NegativeInfinity => JsonValue.Create("-Inf"),
        double number => JsonValue.Create(number.ToString("R", System.Globalization.CultureInfo.InvariantCulture)),
        ulong number => JsonValue.Create(number),
        long number => JsonValue.Create(number),
        uint number => JsonValue.Create(number),
        int number => JsonValue.Create(number),
        _ => throw new NotSupportedException(value.GetType().Name),
    };

    private static JsonObject OfAny(Any any)
    {
        var json = new JsonObject { ["type_url"] = any.TypeUrl, ["value"] = any.Value.ToBase64() };
        MessageDescriptor? type = Known.Find(Any.GetTypeName(any.TypeUrl));
        if (type is not null) json["decoded"] = Of(type.Parser.ParseFrom(any.Value));
        return json;
    }

    private static bool IsDefault(object? value) => value switch
    {
        null or "" or false or 0 or 0L or 0u or 0UL => true,
        double d => BitConverter.DoubleToInt64Bits(d) == 0,
        ByteString bytes => bytes.IsEmpty,
        System.Enum number => (int)(object)number == 0,
        IList list => list.Count == 0,
        _ => false,
    };
}
