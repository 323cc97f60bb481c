using Aion.Model;
using Aion.PromQL;

namespace Aion.Tools;

/// <summary>A set of matchers as Alertmanager and PromQL write it: <c>{a="1", b=~"2|3"}</c>; braces and quotes may be left out.</summary>
internal static class MatcherSet
{
    /// <exception cref="FormatException">The text is no such set; says where.</exception>
    public static IReadOnlyList<LabelMatcher> Parse(string text)
    {
        string body = text.Trim();
        if (body.Length == 0) return [];
        if (body.StartsWith('{') != body.EndsWith('}')) throw new FormatException($"{GoText.Quote(text)}: braces must come in a pair");
        if (body.StartsWith('{')) body = body[1..^1];
        try
        {
            return PromQLParser.ParseMetricSelector("{" + string.Join(',', Split(body).Select(Quoted)) + "}");
        }
        catch (PromQLParseException e)
        {
            throw new FormatException($"{GoText.Quote(text)}: {e.Message}", e);
        }
    }

    /// <summary>At commas outside of quotes.</summary>
    private static IEnumerable<string> Split(string body)
    {
        int start = 0;
        bool quoted = false;
        for (int i = 0; i < body.Length; i++)
        {
            if (body[i] == '\\' && quoted) i++;
            else if (body[i] == '"') quoted = !quoted;
            else if (body[i] == ',' && !quoted)
            {
                if (!string.IsNullOrWhiteSpace(body[start..i])) yield return body[start..i];
                start = i + 1;
            }
        }

        if (!string.IsNullOrWhiteSpace(body[start..])) yield return body[start..];
    }

    /// <summary>Puts quotes around a bare value, so that PromQL's parser can take it.</summary>
    private static string Quoted(string matcher)
    {
        int equals = matcher.IndexOfAny(['=', '!']);
        if (equals <= 0) return matcher;
        int value = equals + 1;
        if (value < matcher.Length && matcher[value] is '=' or '~') value++;
        string bare = matcher[value..].Trim();
        return bare.Length > 0 && bare[0] is '"' or '\'' or '`' ? matcher : matcher[..value] + GoText.Quote(bare);
    }
}
