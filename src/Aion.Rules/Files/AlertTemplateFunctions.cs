namespace Aion.Rules;

/// <summary>Names of the functions that the templates of alerts may call.</summary>
internal static class AlertTemplateFunctions
{
    public static IReadOnlyList<string> Names { get; } =
    [
        "args", "externalURL", "first", "graphLink", "humanize", "humanize1024", "humanizeDuration", "humanizePercentage",
        "humanizeTimestamp", "label", "match", "now", "parseDuration", "pathPrefix", "query", "reReplaceAll", "safeHtml", "sortByLabel",
        "stripDomain", "stripPort", "strvalue", "tableLink", "title", "toDuration", "toLower", "toTime", "toUpper", "urlQueryEscape",
        "value",
    ];
}
