namespace Aion.Model;

/// <summary>The label names with a meaning of their own, and what a name may be.</summary>
public static class LabelNames
{
    public const string MetricName = "__name__";

    public const string BucketLabel = "le";

    public const string Quantile = "quantile";

    public static ReadOnlySpan<byte> MetricNameUtf8 => "__name__"u8;

    /// <summary>True for names of the classic form <c>[a-zA-Z_][a-zA-Z0-9_]*</c>, which print without quotes.</summary>
    public static bool IsLegacyName(string name)
    {
        if (name.Length == 0 || char.IsAsciiDigit(name[0])) return false;
        foreach (char c in name)
            if (!char.IsAsciiLetterOrDigit(c) && c != '_') return false;
        return true;
    }

    /// <summary>True for metric names of the classic form, where a colon is allowed too.</summary>
    public static bool IsLegacyMetricName(string name)
    {
        if (name.Length == 0 || char.IsAsciiDigit(name[0])) return false;
        foreach (char c in name)
            if (!char.IsAsciiLetterOrDigit(c) && c != '_' && c != ':') return false;
        return true;
    }
}
