using Aion.Model;

namespace Aion.PromQL;

/// <summary>Exponentials and the inverses of hyperbolic functions, computed as Go does on amd64, so that answers agree in the last digit too.</summary>
/// <remarks>Shibata's exponential (SLEEF, public domain) with fused steps; the others by the methods of fdlibm. Recorded answers decide.</remarks>
internal static class GoExponential
{
    private const double Ln2 = 6.93147180559945286227e-01;

    private const double Large = 1 << 28;

    private const double NearZero = 1.0 / (1 << 28);

    public static double Exp(double x)
    {
        if (!double.IsFinite(x) || x > 709.782712893384 || x < -746) return Math.Exp(x);
        double k = Math.Round(x * 1.4426950408889634073599246810018920);
        double r = Math.FusedMultiplyAdd(-k, 0.69314718055966295651160180568695068359375, x);
        r = Math.FusedMultiplyAdd(-k, 0.28235290563031577122588448175013436025525412068e-12, r) * 0.0625;
        double p = 2.4801587301587301587e-5;
        p = Math.FusedMultiplyAdd(p, r, 1.9841269841269841270e-4);
        p = Math.FusedMultiplyAdd(p, r, 1.3888888888888888889e-3);
        p = Math.FusedMultiplyAdd(p, r, 8.3333333333333333333e-3);
        p = Math.FusedMultiplyAdd(p, r, 4.1666666666666666667e-2);
        p = Math.FusedMultiplyAdd(p, r, 1.6666666666666666667e-1);
        p = Math.FusedMultiplyAdd(p, r, 0.5);
        p = Math.FusedMultiplyAdd(p, r, 1.0);
        // exp(16r) - 1 from exp(r) - 1, squaring four times.
        double e = r * p;
        e *= e + 2;
        e *= e + 2;
        e *= e + 2;
        e = Math.FusedMultiplyAdd(e, e + 2, 1.0);
        return Math.ScaleB(e, (int)k);
    }

    public static double Asinh(double x)
    {
        if (!double.IsFinite(x)) return x;
        double magnitude = Math.Abs(x);
        double y = magnitude switch
        {
            > Large => GoMath.Log(magnitude) + Ln2,
            > 2 => GoMath.Log(2 * magnitude + 1 / (Math.Sqrt(magnitude * magnitude + 1) + magnitude)),
            < NearZero => magnitude,
            _ => Log1P(magnitude + magnitude * magnitude / (1 + Math.Sqrt(1 + magnitude * magnitude))),
        };
        return x < 0 ? -y : x == 0 ? x : y;
    }

    public static double Acosh(double x)
    {
        if (!(x >= 1)) return double.NaN;
        if (x == 1) return 0;
        if (x >= Large) return GoMath.Log(x) + Ln2;
        if (x > 2) return GoMath.Log(2 * x - 1 / (x + Math.Sqrt(x * x - 1)));
        double t = x - 1;
        return Log1P(t + Math.Sqrt(2 * t + t * t));
    }

    public static double Atanh(double x)
    {
        double magnitude = Math.Abs(x);
        if (!(magnitude < 1)) return Math.Atanh(x);
        double twice = magnitude + magnitude;
        double y = magnitude switch
        {
            < NearZero => magnitude,
            < 0.5 => 0.5 * Log1P(twice + twice * magnitude / (1 - magnitude)),
            _ => 0.5 * Log1P(twice / (1 - magnitude)),
        };
        return double.IsNegative(x) ? -y : y;
    }

    /// <summary>The logarithm of 1 + x, for x of 0 and more.</summary>
    private static double Log1P(double x)
    {
        const double Ln2High = 6.93147180369123816490e-01, Ln2Low = 1.90821492927058770002e-10;
        if (x < 1.0 / (1L << 54)) return x;
        if (x < 1.0 / (1 << 29)) return x - x * x * 0.5;
        var k = 0;
        double f = x, lost = 0;
        bool isNearPowerOfTwo = false;
        if (x >= 4.142135623730950488017e-01)
        {
            double u = 1 + x;
            if (x >= 1L << 53) u = x;
            long bits = BitConverter.DoubleToInt64Bits(u), mantissa = bits & ((1L << 52) - 1);
            k = (int)(bits >> 52) - 1023;
            if (x < 1L << 53) lost = (k > 0 ? 1 - (u - x) : x - (u - 1)) / u;
            if (mantissa < 0x0006a09e667f3bcd)
            {
                u = BitConverter.Int64BitsToDouble(mantissa | 0x3ff0000000000000);
            }
            else
            {
                k++;
                u = BitConverter.Int64BitsToDouble(mantissa | 0x3fe0000000000000);
                mantissa = ((1L << 52) - mantissa) >> 2;
            }

            f = u - 1;
            isNearPowerOfTwo = mantissa == 0;
        }

        double halfSquare = 0.5 * f * f;
        if (isNearPowerOfTwo)
        {
            if (f == 0) return k * Ln2High + (lost + k * Ln2Low);
            double rest = halfSquare * (1 - 0.66666666666666666 * f);
            return k * Ln2High - ((rest - (k * Ln2Low + lost)) - f);
        }

        double s = f / (2 + f), z = s * s;
        double series = z * (6.666666666666735130e-01 + z * (3.999999999940941908e-01 + z * (2.857142874366239149e-01 + z * (2.222219843214978396e-01
            + z * (1.818357216161805012e-01 + z * (1.531383769920937332e-01 + z * 1.479819860511658591e-01))))));
        if (k == 0) return f - (halfSquare - s * (halfSquare + series));
        return k * Ln2High - ((halfSquare - (s * (halfSquare + series) + (k * Ln2Low + lost))) - f);
    }
}
