namespace Aion.Model;

/// <summary>Functions whose last bits should come out as in Go, because recorded answers show them.</summary>
public static class GoMath
{
    /// <summary>Binary logarithm; exact for powers of two.</summary>
    public static double Log2(double value)
    {
        if (!double.IsFinite(value) || value <= 0) return Math.Log2(value);
        // Split into a fraction in [0.5, 1) and an exponent, so that only the fraction is rounded.
        int exponent = Math.ILogB(value) + 1;
        double fraction = Math.ScaleB(value, -exponent);
        return fraction == 0.5 ? exponent - 1 : (Math.Log(fraction) * (1 / 0.693147180559945309417232121458176568)) + exponent;
    }
}
