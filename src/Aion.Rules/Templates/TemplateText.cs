using System.Globalization;
using Aion.Model;

namespace Aion.Rules;

/// <summary>Values as Go prints them by default, and what they are as conditions.</summary>
internal static class TemplateText
{
    /// <summary>What a map gives for a key it does not have; it prints as such.</summary>
    public static object NoValue { get; } = new TemplateStruct("interface {}", []) { Text = "<no value>" };

    public static string Of(object? value) => value is null ? "<no value>" : Inner(value);

    public static string TypeOf(object? value) => value switch
    {
        null => "nil",
        bool => "bool",
        long => "int",
        double => "float64",
        string => "string",
        TemplateStruct record => record.TypeName,
        IReadOnlyDictionary<string, object?> => "map[string]interface {}",
        IReadOnlyList<object?> => "[]interface {}",
        _ => value.GetType().Name,
    };

    /// <summary>False for nothing, 0, empty text and empty collections; a struct is always true.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null => false,
        bool flag => flag,
        long number => number != 0,
        double number => number != 0,
        string text => text.Length > 0,
        IReadOnlyList<object?> list => list.Count > 0,
        IReadOnlyDictionary<string, object?> map => map.Count > 0,
        _ => !ReferenceEquals(value, NoValue),
    };

    private static string Inner(object? value) => value switch
    {
        null => "<nil>",
        string text => text,
        bool flag => flag ? "true" : "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => GoFloat.ToGeneral(number),
        TemplateStruct { Text: { } text } => text,
        TemplateStruct record => "{" + string.Join(' ', record.Embedded.Select(Inner).Concat(record.Fields.Select(f => Inner(f.Value)))) + "}",
        IReadOnlyList<object?> list => "[" + string.Join(' ', list.Select(Inner)) + "]",
        IReadOnlyDictionary<string, object?> map =>
            "map[" + string.Join(' ', map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}:{Inner(p.Value)}")) + "]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
