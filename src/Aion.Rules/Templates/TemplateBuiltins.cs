using System.Net;
using System.Text;

namespace Aion.Rules;

/// <summary>The functions that the language itself has.</summary>
internal static class TemplateBuiltins
{
    private static readonly Dictionary<string, TemplateFunction> Functions = new()
    {
        ["and"] = a => a.FirstOrDefault(v => !TemplateText.IsTrue(v), Last(a)),
        ["or"] = a => a.FirstOrDefault(TemplateText.IsTrue, Last(a)),
        ["not"] = a => !TemplateText.IsTrue(Single(a)),
        ["len"] = a => Length(Single(a)),
        ["index"] = a => a.Skip(1).Aggregate(First(a), Index),
        ["slice"] = Slice,
        ["print"] = a => Print(a),
        ["println"] = a => string.Join(' ', a.Select(TemplateText.Of)) + "\n",
        ["printf"] = a => GoFormat.Format(First(a) as string ?? throw new TemplateException("the format must be a text"), [.. a.Skip(1)]),
        ["html"] = a => WebUtility.HtmlEncode(Print(a)),
        ["js"] = a => System.Text.Encodings.Web.JavaScriptEncoder.Default.Encode(Print(a)),
        ["urlquery"] = a => WebUtility.UrlEncode(Print(a)),
        ["call"] = _ => throw new TemplateException("there are no values that can be called"),
        ["eq"] = a => a.Count < 2 ? throw new TemplateException("missing argument for comparison") : a.Skip(1).Any(v => AreEqual(a[0], v)),
        ["ne"] = a => !AreEqual(First(a), Second(a)),
        ["lt"] = a => Compare(First(a), Second(a)) < 0,
        ["le"] = a => Compare(First(a), Second(a)) <= 0,
        ["gt"] = a => Compare(First(a), Second(a)) > 0,
        ["ge"] = a => Compare(First(a), Second(a)) >= 0,
    };

    public static IEnumerable<string> Names => Functions.Keys;

    public static object? Call(string name, IReadOnlyList<object?> arguments) => Functions[name](arguments);

    private static object? Single(IReadOnlyList<object?> a) =>
        a.Count == 1 ? a[0] : throw new TemplateException($"wrong number of args: want 1 got {a.Count}");

    private static object? First(IReadOnlyList<object?> a) => a.Count > 0 ? a[0] : throw new TemplateException("wrong number of args: want at least 1 got 0");

    private static object? Second(IReadOnlyList<object?> a) =>
        a.Count == 2 ? a[1] : throw new TemplateException($"wrong number of args: want 2 got {a.Count}");

    private static object? Last(IReadOnlyList<object?> a) => a.Count > 0 ? a[^1] : throw new TemplateException("wrong number of args: want at least 1 got 0");

    private static long Length(object? value) => value switch
    {
        string text => Encoding.UTF8.GetByteCount(text),
        IReadOnlyList<object?> list => list.Count,
        IReadOnlyDictionary<string, object?> map => map.Count,
        null => throw new TemplateException("len of nil pointer"),
        _ => throw new TemplateException($"len of type {TemplateText.TypeOf(value)}"),
    };

    private static object? Index(object? value, object? index)
    {
        switch (value, index)
        {
            case (IReadOnlyList<object?> list, long i):
                return i >= 0 && i < list.Count ? list[(int)i] : throw new TemplateException($"index out of range: {i}");
            case (IReadOnlyDictionary<string, object?> map, string key):
                return map.GetValueOrDefault(key, TemplateText.NoValue);
            case (string text, long i):
                byte[] bytes = Encoding.UTF8.GetBytes(text);
                return i >= 0 && i < bytes.Length ? (long)bytes[i] : throw new TemplateException($"index out of range: {i}");
            case (null, _):
                throw new TemplateException("index of untyped nil");
            default:
                throw new TemplateException($"can't index item of type {TemplateText.TypeOf(value)}");
        }
    }

    private static object? Slice(IReadOnlyList<object?> a)
    {
        int length = (int)Length(First(a));
        if (a.Count > 3) throw new TemplateException($"too many slice indexes: {a.Count - 1}");
        int from = Bound(a, 1, 0, length), to = Bound(a, 2, length, length);
        if (from > to) throw new TemplateException($"invalid slice index: {from} > {to}");
        return a[0] switch
        {
            string text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text).AsSpan(from..to)),
            IReadOnlyList<object?> list => list.Skip(from).Take(to - from).ToList(),
            _ => throw new TemplateException($"can't slice item of type {TemplateText.TypeOf(a[0])}"),
        };
    }

    private static int Bound(IReadOnlyList<object?> a, int at, int absent, int length)
    {
        if (a.Count <= at) return absent;
        if (a[at] is not long index) throw new TemplateException($"cannot index slice/array with type {TemplateText.TypeOf(a[at])}");
        return index >= 0 && index <= length ? (int)index : throw new TemplateException($"index out of range: {index}");
    }

    /// <summary>Operands one after the other, a space between two of which none is text.</summary>
    private static string Print(IReadOnlyList<object?> a)
    {
        StringBuilder text = new();
        for (int i = 0; i < a.Count; i++)
        {
            if (i > 0 && a[i] is not string && a[i - 1] is not string) text.Append(' ');
            text.Append(a[i] is null ? "<nil>" : TemplateText.Of(a[i]));
        }

        return text.ToString();
    }

    private static bool AreEqual(object? a, object? b)
    {
        if (a is null || b is null) return a is null && b is null;
        return a.GetType() == b.GetType() && a is bool or long or double or string
            ? a.Equals(b)
            : throw new TemplateException("incompatible types for comparison");
    }

    private static int Compare(object? a, object? b) => (a, b) switch
    {
        (long x, long y) => x.CompareTo(y),
        (double x, double y) => x < y ? -1 : x > y ? 1 : x == y ? 0 : throw new TemplateException("NaN has no order"),
        (string x, string y) => string.CompareOrdinal(x, y),
        _ => throw new TemplateException("incompatible types for comparison"),
    };
}
