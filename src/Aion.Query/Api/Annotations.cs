namespace Aion.Query;

/// <summary>Remarks of PromQL as this API shows them.</summary>
internal static class Annotations
{
    /// <summary>Takes the position in the query (<c> (1:5)</c>) off a remark's end, as Thanos shows it; other warnings stay as they are.</summary>
    public static string WithoutPosition(string warning)
    {
        if (!warning.StartsWith("PromQL ", StringComparison.Ordinal) || !warning.EndsWith(')')) return warning;
        int open = warning.LastIndexOf(" (", StringComparison.Ordinal);
        if (open < 0) return warning;
        ReadOnlySpan<char> position = warning.AsSpan(open + 2, warning.Length - open - 3);
        int colon = position.IndexOf(':');
        bool isPosition = colon > 0 && colon < position.Length - 1
            && position[..colon].IndexOfAnyExceptInRange('0', '9') < 0 && position[(colon + 1)..].IndexOfAnyExceptInRange('0', '9') < 0;
        return isPosition ? warning[..open] : warning;
    }
}
