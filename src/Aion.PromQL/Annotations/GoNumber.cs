using System.Globalization;
using Aion.Model;

namespace Aion.PromQL;

/// <summary>Numbers inside messages, as Go's <c>%g</c> and its relatives print them.</summary>
internal static class GoNumber
{
    /// <summary><c>%g</c>: shortest form.</summary>
    public static string G(double value) => GoFloat.ToGeneral(value);

    /// <summary><c>%.Ng</c>: that many significant digits, trailing zeros removed.</summary>
    public static string G(double value, int digits)
    {
        if (!double.IsFinite(value)) return G(value);
        if (value == 0) return "0";
        string scientific = value.ToString("E" + (digits - 1).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        int e = scientific.IndexOf('E', StringComparison.Ordinal);
        int exponent = int.Parse(scientific.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string mantissa = Trim(scientific[..e]);
        if (exponent < -4 || exponent >= digits)
            return string.Create(CultureInfo.InvariantCulture, $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
        return Trim(value.ToString("F" + Math.Max(0, digits - 1 - exponent).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
    }

    private static string Trim(string text) => text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;
}
