using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Aion.Rules;

/// <summary>A node of a YAML document that knows where it stands. Aliases share the node they name.</summary>
internal abstract record YamlItem(int Line, int Column)
{
    public bool IsNull => this is YamlText { IsPlain: true, Value: "" or "null" or "~" or "Null" or "NULL" };

    /// <summary>As messages name it: <c>!!str `abc`</c>, <c>!!seq</c>.</summary>
    public string Described => this switch
    {
        YamlList => "!!seq",
        YamlMap => "!!map",
        YamlText text => $"{text.Tag} `{(text.Value.Length > 10 ? text.Value[..7] + "..." : text.Value)}`",
        _ => "",
    };
}

/// <param name="IsPlain">Without quotes: may be a number, a truth value or nothing.</param>
internal sealed record YamlText(int Line, int Column, string Value, bool IsPlain) : YamlItem(Line, Column)
{
    public string Tag => !IsPlain ? "!!str"
        : Value is "true" or "false" or "True" or "False" or "TRUE" or "FALSE" ? "!!bool"
        : long.TryParse(Value, System.Globalization.CultureInfo.InvariantCulture, out _) ? "!!int"
        : double.TryParse(Value, System.Globalization.CultureInfo.InvariantCulture, out _) ? "!!float" : "!!str";
}

internal sealed record YamlList(int Line, int Column, IReadOnlyList<YamlItem> Items) : YamlItem(Line, Column);

/// <param name="Fields">In order, with what merge keys brought in; of a key that comes twice the last.</param>
/// <param name="Repeated">Keys that came more than once.</param>
internal sealed record YamlMap(int Line, int Column, IReadOnlyList<(YamlText Key, YamlItem Value)> Fields, IReadOnlyList<YamlText> Repeated)
    : YamlItem(Line, Column);

/// <summary>Reads the first document of a YAML text.</summary>
internal sealed class RuleYaml
{
    private const int MaxDepth = 64;

    private readonly Parser _parser;
    private readonly Dictionary<string, YamlItem> _anchors = [];

    private RuleYaml(string text) => _parser = new Parser(new StringReader(text));

    /// <param name="another">Line of a second document, which nobody reads; 0 = there is none.</param>
    /// <returns>Null for an empty text.</returns>
    /// <exception cref="FormatException">The text is no YAML; says where.</exception>
    public static YamlItem? Read(string text, out int another)
    {
        if (text.StartsWith('\uFEFF')) text = text[1..];
        if (text.Any(c => char.IsControl(c) && c is not ('\t' or '\n' or '\r' or '\u0085'))) throw new FormatException("yaml: control characters are not allowed");
        try
        {
            return new RuleYaml(text).Document(out another);
        }
        catch (YamlException e)
        {
            throw new FormatException($"yaml: line {e.Start.Line}: {e.Message}", e);
        }
    }

    private YamlItem? Document(out int another)
    {
        another = 0;
        Expect<StreamStart>();
        if (!Next<DocumentStart>()) return null;
        YamlItem root = Item(0);
        Expect<DocumentEnd>();
        if (Next<DocumentStart>()) another = (int)_parser.Current!.Start.Line;
        return root;
    }

    private YamlItem Item(int depth)
    {
        if (!_parser.MoveNext()) throw new FormatException("yaml: the document ends early");
        return ItemAtCurrent(depth);
    }

    private YamlItem ItemAtCurrent(int depth)
    {
        ParsingEvent at = _parser.Current!;
        int line = (int)at.Start.Line, column = (int)at.Start.Column;
        if (depth > MaxDepth) throw new FormatException($"yaml: line {line}: nested more than {MaxDepth} deep");
        if (at is AnchorAlias alias)
        {
            return _anchors.TryGetValue(alias.Value.Value, out YamlItem? known)
                ? known
                : throw new FormatException($"yaml: unknown anchor '{alias.Value.Value}' referenced");
        }

        YamlItem item = at switch
        {
            Scalar scalar => Text(scalar, line, column),
            SequenceStart => List(line, column, depth),
            MappingStart => Map(line, column, depth),
            _ => throw new FormatException($"yaml: line {line}: unexpected {at.GetType().Name}"),
        };
        if (at is NodeEvent { Anchor.IsEmpty: false } node) _anchors[node.Anchor.Value] = item;
        return item;
    }

    private static YamlText Text(Scalar scalar, int line, int column)
    {
        string tag = scalar.Tag.IsEmpty ? "" : scalar.Tag.Value;
        if (tag is not ("!!binary" or "tag:yaml.org,2002:binary"))
            return new YamlText(line, column, scalar.Value, scalar.Style == ScalarStyle.Plain && tag is not ("!!str" or "tag:yaml.org,2002:str" or "!"));
        try
        {
            return new YamlText(line, column, Encoding.UTF8.GetString(Convert.FromBase64String(scalar.Value)), false);
        }
        catch (FormatException e)
        {
            throw new FormatException($"yaml: line {line}: !!binary value contains invalid base64 data", e);
        }
    }

    private YamlList List(int line, int column, int depth)
    {
        List<YamlItem> items = [];
        while (true)
        {
            if (!_parser.MoveNext()) throw new FormatException($"yaml: line {line}: the list has no end");
            if (_parser.Current is SequenceEnd) return new YamlList(line, column, items);
            items.Add(ItemAtCurrent(depth + 1));
        }
    }

    private YamlMap Map(int line, int column, int depth)
    {
        List<(YamlText Key, YamlItem Value)> fields = [], merged = [];
        List<YamlText> repeated = [];
        while (true)
        {
            if (!_parser.MoveNext()) throw new FormatException($"yaml: line {line}: the mapping has no end");
            if (_parser.Current is MappingEnd) break;
            YamlItem key = ItemAtCurrent(depth + 1);
            YamlItem value = Item(depth + 1);
            if (key is not YamlText name) throw new FormatException($"yaml: line {key.Line}: a key must be a text");
            if (name is { IsPlain: true, Value: "<<" })
            {
                Merge(value, merged);
                continue;
            }

            int before = fields.FindIndex(f => f.Key.Value == name.Value);
            if (before >= 0)
            {
                repeated.Add(name);
                fields.RemoveAt(before);
            }

            fields.Add((name, value));
        }

        fields.AddRange(merged.Where(m => fields.TrueForAll(f => f.Key.Value != m.Key.Value)).ToList());
        return new YamlMap(line, column, fields, repeated);
    }

    /// <summary>What a merge key brings in; the first of several wins.</summary>
    private static void Merge(YamlItem value, List<(YamlText Key, YamlItem Value)> into)
    {
        foreach (YamlItem source in value is YamlList list ? list.Items : [value])
        {
            if (source is not YamlMap map) throw new FormatException($"yaml: line {source.Line}: map merge requires map or sequence of maps as the value");
            foreach (var field in map.Fields)
                if (into.TrueForAll(m => m.Key.Value != field.Key.Value)) into.Add(field);
        }
    }

    private bool Next<T>() => _parser.MoveNext() && _parser.Current is T;

    private void Expect<T>()
    {
        if (!Next<T>()) throw new FormatException($"yaml: line {_parser.Current?.Start.Line ?? 1}: {typeof(T).Name} expected");
    }
}
