using System.Globalization;

namespace Aion.Sidecar;

/// <summary>Major and minor version of a Prometheus; 0.0 when it is not known.</summary>
public readonly record struct PrometheusVersion(int Major, int Minor)
{
    /// <summary>From 2.24 on, the label APIs take matchers.</summary>
    public bool HasLabelMatchers => this is { Major: 0, Minor: 0 } or { Major: > 2 } or { Major: 2, Minor: >= 24 };

    /// <summary>From 3.0 on, any text is a label name.</summary>
    public bool HasUtf8Names => Major >= 3;

    public static PrometheusVersion Parse(string text)
    {
        string[] parts = text.Split('.', 3);
        return parts.Length >= 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int minor)
            ? new PrometheusVersion(major, minor)
            : default;
    }
}
