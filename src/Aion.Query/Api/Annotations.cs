namespace Aion.Query;

/// <summary>Remarks of PromQL as this API shows them.</summary>
internal static class Annotations
{
    /// <summary>What stores miss first, as it came; then the remarks of the language, warnings before infos, sorted and without positions.</summary>
    public static List<string> Shown(IReadOnlyList<string> warnings, IReadOnlyList<string> infos)
    {
        List<string> shown = [.. warnings.Where(w => !IsRemark(w))];
        shown.AddRange(warnings.Where(IsRemark).Select(WithoutPosition).Distinct().Order(StringComparer.Ordinal));
        shown.AddRange(infos.Select(WithoutPosition).Distinct().Order(StringComparer.Ordinal));
        return shown;
    }

    /// <summary>Takes the position in the query (<c> (1:5)</c>) off a remark's end, as Thanos shows it; other warnings stay as they are.</summary>
    public static string WithoutPosition(string warning)
    {
        if (!IsRemark(warning) || !warning.EndsWith(')')) return warning;
        int open = warning.LastIndexOf(" (", StringComparison.Ordinal);
        if (open < 0) return warning;
        ReadOnlySpan<char> position = warning.AsSpan(open + 2, warning.Length - open - 3);
        int colon = position.IndexOf(':');
        bool isPosition = colon > 0 && colon < position.Length - 1
            && position[..colon].IndexOfAnyExceptInRange('0', '9') < 0 && position[(colon + 1)..].IndexOfAnyExceptInRange('0', '9') < 0;
        return isPosition ? warning[..open] : warning;
    }

    private static bool IsRemark(string warning) => warning.StartsWith("PromQL ", StringComparison.Ordinal);
}
