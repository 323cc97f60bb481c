using System.Globalization;
using System.Text.RegularExpressions;
using Aion.Model;

namespace Aion.Hosting;

/// <summary>How one kind of flag value is read and printed.</summary>
/// <param name="Parse">Throws <see cref="FlagValueException"/> with upstream's words.</param>
/// <param name="Print">The form the flags API shows.</param>
/// <param name="QuotesDefault">Help puts the default in double quotes.</param>
internal sealed record FlagGrammar<T>(Func<string, T> Parse, Func<T, string> Print, bool QuotesDefault = false);

/// <summary>The value grammars of reference/cli-conventions.md §1 and §2.</summary>
internal static partial class FlagGrammars
{
    public static FlagGrammar<string> String { get; } = new(text => text, value => value, QuotesDefault: true);

    public static FlagGrammar<bool> Bool { get; } = new(text => text == "true", value => value ? "true" : "false");

    public static FlagGrammar<int> Int { get; } = new(ParseInt, value => value.ToString(CultureInfo.InvariantCulture));

    public static FlagGrammar<long> Int64 { get; } = new(GoInteger.ParseInt64, value => value.ToString(CultureInfo.InvariantCulture));

    public static FlagGrammar<ulong> UInt64 { get; } = new(GoInteger.ParseUInt64, value => value.ToString(CultureInfo.InvariantCulture));

    public static FlagGrammar<double> Float { get; } = new(ParseFloat, GoFloat.ToGeneral);

    public static FlagGrammar<TimeSpan> PrometheusDuration { get; } =
        new(Reworded(Model.PrometheusDuration.Parse), Model.PrometheusDuration.Format);

    public static FlagGrammar<TimeSpan> GoDuration { get; } = new(Reworded(Model.GoDuration.ParseFlag), Model.GoDuration.Format);

    public static FlagGrammar<TimeOrDuration> TimeOrDuration { get; } =
        new(Reworded(Model.TimeOrDuration.Parse), value => value.ToString());

    public static FlagGrammar<long> Size { get; } = new(Reworded(ByteSize.Parse), ByteSize.Format);

    public static FlagGrammar<string> Address { get; } = new(ParseAddress, value => value);

    public static FlagGrammar<Uri> Url { get; } = new(ParseUrl, value => value.OriginalString);

    public static FlagGrammar<string> Enum(IReadOnlyList<string> members) => new(
        text => members.Contains(text, StringComparer.Ordinal)
            ? text
            : throw new FlagValueException($"enum value must be one of {string.Join(',', members)}, got '{text}'"),
        value => value);

    private static Func<string, T> Reworded<T>(Func<string, T> parse) => text =>
    {
        try
        {
            return parse(text);
        }
        catch (FormatException e)
        {
            throw new FlagValueException(e.Message);
        }
    };

    private static int ParseInt(string text)
    {
        double value = ParseFloat(text);
        // Go's conversion of a float beyond the integer's range is undefined; a clear refusal is not.
        return double.IsNaN(value) || Math.Abs(value) > int.MaxValue
            ? throw new FlagValueException($"parsing \"{text}\": value out of range")
            : (int)value;
    }

    private static double ParseFloat(string text) => GoFloat.TryParse(text, out double value) switch
    {
        GoNumberStatus.Ok => value,
        GoNumberStatus.Range => throw new FlagValueException($"strconv.ParseFloat: parsing {GoText.Quote(text)}: value out of range"),
        _ => throw new FlagValueException($"strconv.ParseFloat: parsing {GoText.Quote(text)}: invalid syntax"),
    };

    private static string ParseAddress(string text)
    {
        if (text.Length == 0) throw new FlagValueException("static address cannot be empty");
        return text.Contains('+', StringComparison.Ordinal) || text.Contains(':', StringComparison.Ordinal)
            ? text
            : throw new FlagValueException($"address {text} is neither host:port nor a name with a lookup scheme such as dns+host:port");
    }

    private static Uri ParseUrl(string text)
    {
        if (text.StartsWith(':')) throw new FlagValueException($"invalid URL: parse {GoText.Quote(text)}: missing protocol scheme");
        return Scheme().IsMatch(text) && Uri.TryCreate(text, UriKind.Absolute, out Uri? uri)
            ? uri
            : throw new FlagValueException($"invalid URL: parse {GoText.Quote(text)}: not an absolute URL");
    }

    [GeneratedRegex("^[a-zA-Z][a-zA-Z0-9+.-]*:", RegexOptions.CultureInvariant)]
    private static partial Regex Scheme();
}
