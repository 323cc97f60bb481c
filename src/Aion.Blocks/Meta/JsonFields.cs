using System.Text;
using System.Text.Json;
using Aion.Model;

namespace Aion.Blocks;

/// <summary>
/// One JSON object read field by field. An absent field and null are the zero value, as for the programs that write these files;
/// a wrong type or range is an error with the field's path.
/// </summary>
internal readonly struct JsonFields
{
    private readonly JsonElement _object;
    private readonly string _path;

    public JsonFields(JsonElement element, string origin, string path)
    {
        Origin = origin;
        _path = path;
        _object = element;
        if (element.ValueKind is not (JsonValueKind.Object or JsonValueKind.Undefined or JsonValueKind.Null))
            throw new BlockMetaException(BlockMetaError.Corrupt, $"{origin}: {(path.Length == 0 ? "the document" : "field " + path.TrimEnd('.'))} must be an object");
    }

    public string Origin { get; }

    public bool IsAbsent => _object.ValueKind != JsonValueKind.Object;

    public JsonFields Object(string name) => new(TryFind(name, out JsonElement value) ? value : default, Origin, $"{_path}{name}.");

    public IEnumerable<JsonFields> Objects(string name)
    {
        var fields = new List<JsonFields>();
        foreach (JsonElement element in Array(name)) fields.Add(new JsonFields(element, Origin, $"{_path}{name}[{fields.Count}]."));
        return fields;
    }

    public long Int64(string name, long min = long.MinValue, long max = long.MaxValue)
    {
        if (!TryFind(name, out JsonElement value)) return 0;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out long number) || number < min || number > max)
            throw Wrong(name, min == 0 ? "must be an integer, 0 or more" : "must be an integer");
        return number;
    }

    public ulong UInt64(string name)
    {
        if (!TryFind(name, out JsonElement value)) return 0;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetUInt64(out ulong number)) throw Wrong(name, "must be an integer, 0 or more");
        return number;
    }

    public bool Bool(string name)
    {
        if (!TryFind(name, out JsonElement value)) return false;
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) throw Wrong(name, "must be true or false");
        return value.GetBoolean();
    }

    public string Text(string name)
    {
        if (!TryFind(name, out JsonElement value)) return "";
        if (value.ValueKind != JsonValueKind.String) throw Wrong(name, "must be a text");
        return value.GetString()!;
    }

    public IReadOnlyList<string> Texts(string name)
    {
        var texts = new List<string>();
        foreach (JsonElement element in Array(name))
            texts.Add(element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Wrong($"{name}[{texts.Count}]", "must be a text"));
        return texts;
    }

    /// <summary>A required block id.</summary>
    public BlockId Block(string name) =>
        BlockId.TryParse(Text(name), out BlockId id) ? id : throw Wrong(name, $"\"{Text(name)}\" is no ULID");

    public IReadOnlyList<BlockId> Blocks(string name)
    {
        var blocks = new List<BlockId>();
        foreach (string text in Texts(name))
            blocks.Add(BlockId.TryParse(text, out BlockId id) ? id : throw Wrong($"{name}[{blocks.Count}]", $"\"{text}\" is no ULID"));
        return blocks;
    }

    public DateTimeOffset Time(string name)
    {
        if (!TryFind(name, out JsonElement value)) return DateTimeOffset.MinValue;
        if (value.ValueKind != JsonValueKind.String || !value.TryGetDateTimeOffset(out DateTimeOffset time)) throw Wrong(name, "must be a time as in RFC 3339");
        return time;
    }

    public Labels Labels(string name)
    {
        JsonFields fields = Object(name);
        if (fields.IsAbsent) return Model.Labels.Empty;
        var builder = new LabelsBuilder();
        foreach (JsonProperty property in fields._object.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String) throw Wrong($"{name}.{property.Name}", "must be a text");
            byte[] label = Encoding.UTF8.GetBytes(property.Name);
            // Of a name given twice the last counts; an empty value is kept, since it takes part in the group's hash.
            builder.Remove(label);
            builder.Add(label, Encoding.UTF8.GetBytes(property.Value.GetString()!));
        }

        return builder.ToLabels();
    }

    /// <summary>A part to be passed on as it is; outlives the document. Null when absent.</summary>
    public JsonElement? Raw(string name, JsonValueKind? kind)
    {
        if (!TryFind(name, out JsonElement value)) return null;
        if (kind is not null && value.ValueKind != kind) throw Wrong(name, $"must be an {kind.Value.ToString().ToLowerInvariant()}");
        return value.Clone();
    }

    private JsonElement.ArrayEnumerator Array(string name)
    {
        if (!TryFind(name, out JsonElement value)) return default;
        return value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : throw Wrong(name, "must be a list");
    }

    private bool TryFind(string name, out JsonElement value)
    {
        value = default;
        return !IsAbsent && _object.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    private BlockMetaException Wrong(string name, string what) =>
        new(BlockMetaError.Corrupt, $"{Origin}: field {_path}{name} {what}");
}
