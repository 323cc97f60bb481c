using Aion.Model;

namespace Aion.PromQL;

/// <summary>
/// Elementary functions by the classic approximations (Cephes, fdlibm) that Go computes with, so that answers agree in the last digit too.
/// The C library behind <see cref="Math"/> is as good, but different.
/// </summary>
internal static class GoElementary
{
    /// <summary>Beyond this an argument of sine and its kin is reduced with more digits of π than the fast way has.</summary>
    private const double ReduceThreshold = 1 << 29;

    public static double Sin(double x)
    {
        if (x == 0 || !double.IsFinite(x) || Math.Abs(x) >= ReduceThreshold) return Math.Sin(x);
        bool negative = x < 0;
        ulong octant = Reduce(Math.Abs(x), out double z) & 7;
        if (octant > 3)
        {
            negative = !negative;
            octant -= 4;
        }

        double y = octant is 1 or 2 ? CosSeries(z) : SinSeries(z);
        return negative ? -y : y;
    }

    public static double Cos(double x)
    {
        if (!double.IsFinite(x) || Math.Abs(x) >= ReduceThreshold) return Math.Cos(x);
        var negative = false;
        ulong octant = Reduce(Math.Abs(x), out double z) & 7;
        if (octant > 3)
        {
            negative = true;
            octant -= 4;
        }

        if (octant > 1) negative = !negative;
        double y = octant is 1 or 2 ? SinSeries(z) : CosSeries(z);
        return negative ? -y : y;
    }

    public static double Tan(double x)
    {
        if (x == 0 || !double.IsFinite(x) || Math.Abs(x) >= ReduceThreshold) return Math.Tan(x);
        ulong octant = Reduce(Math.Abs(x), out double z);
        double zz = z * z, y = z;
        if (zz > 1e-14)
        {
            double p = ((-1.30936939181383734205e4 * zz) + 1.15351664838587416140e6) * zz + -1.79565251976484877988e7;
            double q = (((zz + 1.36812963470692954678e4) * zz + -1.32089234440210967447e6) * zz + 2.50083801823357915839e7) * zz
                + -5.38695755929454629881e7;
            y = z + z * (zz * p / q);
        }

        if ((octant & 2) == 2) y = -1 / y;
        return x < 0 ? -y : y;
    }

    public static double Atan(double x)
    {
        if (x == 0) return x;
        return x > 0 ? AtanPositive(x) : -AtanPositive(-x);
    }

    public static double Asin(double x)
    {
        if (x == 0) return x;
        double magnitude = Math.Abs(x);
        if (!(magnitude <= 1)) return double.NaN;
        double root = Math.Sqrt(1 - magnitude * magnitude);
        double y = magnitude > 0.7 ? Math.PI / 2 - AtanPositive(root / magnitude) : AtanPositive(magnitude / root);
        return x < 0 ? -y : y;
    }

    public static double Acos(double x) => Math.PI / 2 - Asin(x);

    public static double Atan2(double y, double x)
    {
        if (!double.IsFinite(x) || !double.IsFinite(y) || x == 0 || y == 0) return Math.Atan2(y, x);
        double q = Atan(y / x);
        if (x >= 0) return q;
        return q <= 0 ? q + Math.PI : q - Math.PI;
    }

    public static double Sinh(double x)
    {
        double magnitude = Math.Abs(x), y;
        if (magnitude > 21)
        {
            y = GoExponential.Exp(magnitude) * 0.5;
        }
        else if (magnitude > 0.5)
        {
            double e = GoExponential.Exp(magnitude);
            y = (e - 1 / e) * 0.5;
        }
        else
        {
            double s = magnitude * magnitude;
            y = (((-0.2630563213397497062819489e+2 * s + -0.2894211355989563807284660366e+4) * s + -0.8991272022039509355398013511e+5) * s
                + -0.6307673640497716991184787251e+6) * magnitude;
            y /= ((s + -0.173678953558233699533450911e+3) * s + 0.1521517378790019070696485176e+5) * s + -0.6307673640497716991212077277e+6;
        }

        return double.IsNegative(x) ? -y : y;
    }

    public static double Cosh(double x)
    {
        double magnitude = Math.Abs(x);
        if (magnitude > 21) return GoExponential.Exp(magnitude) * 0.5;
        double e = GoExponential.Exp(magnitude);
        return (e + 1 / e) * 0.5;
    }

    public static double Tanh(double x)
    {
        double magnitude = Math.Abs(x);
        if (x == 0 || double.IsNaN(x)) return x;
        if (magnitude > 0.5 * 8.8029691931113054295988e+01) return x < 0 ? -1 : 1;
        if (magnitude >= 0.625)
        {
            double y = 1 - 2 / (GoExponential.Exp(2 * magnitude) + 1);
            return x < 0 ? -y : y;
        }

        double s = x * x;
        return x + x * s * ((-9.64399179425052238628e-1 * s + -9.92877231001918586564e1) * s + -1.61468768441708447952e3)
            / (((s + 1.12811678491632931402e2) * s + 2.23548839060100448583e3) * s + 4.84406305325125486048e3);
    }

    /// <summary>2 to the power of x.</summary>
    public static double Exp2(double x)
    {
        if (!double.IsFinite(x) || x > 1023 || x < -1021) return Math.Pow(2, x);
        int k = x > 0 ? (int)(x + 0.5) : (int)(x - 0.5);
        double t = x - k;
        double high = t * 6.93147180369123816490e-01, low = -t * 1.90821492927058770002e-10;
        double r = high - low, rr = r * r;
        double c = r - rr * (1.66666666666666657415e-01 + rr * (-2.77777777770155933842e-03 + rr * (6.61375632143793436117e-05
            + rr * (-1.65339022054652515390e-06 + rr * 4.13813679705723846039e-08))));
        return Math.ScaleB(1 - ((low - (r * c) / (2 - c)) - high), k);
    }

    /// <summary>x to the power of y: the fraction of the exponent by logarithm, the whole part by squaring.</summary>
    public static double Pow(double x, double y)
    {
        if (y == 0 || x == 1) return 1;
        if (y == 1) return x;
        if (x == 0 || !double.IsFinite(x) || !double.IsFinite(y) || Math.Abs(y) >= 9.223372036854775807e18) return Math.Pow(x, y);
        if (y == 0.5) return Math.Sqrt(x);
        if (y == -0.5) return 1 / Math.Sqrt(x);
        double whole = Math.Truncate(Math.Abs(y)), fraction = Math.Abs(y) - whole;
        if (fraction != 0 && x < 0) return double.NaN;
        double result = 1;
        var exponent = 0;
        if (fraction != 0)
        {
            if (fraction > 0.5)
            {
                fraction--;
                whole++;
            }

            result = GoExponential.Exp(fraction * GoMath.Log(x));
        }

        int squareExponent = Math.ILogB(x) + 1;
        double square = Math.ScaleB(x, -squareExponent);
        for (var i = (long)whole; i != 0; i >>= 1)
        {
            if (squareExponent is < -(1 << 12) or > 1 << 12)
            {
                exponent += squareExponent;
                break;
            }

            if ((i & 1) == 1)
            {
                result *= square;
                exponent += squareExponent;
            }

            square *= square;
            squareExponent <<= 1;
            if (square < 0.5)
            {
                square += square;
                squareExponent--;
            }
        }

        if (y < 0)
        {
            result = 1 / result;
            exponent = -exponent;
        }

        return Math.ScaleB(result, exponent);
    }

    /// <summary>The octant of an angle, made even, and what is left of the angle.</summary>
    private static ulong Reduce(double x, out double rest)
    {
        var octant = (ulong)(x * (4 / Math.PI));
        double y = octant;
        if ((octant & 1) == 1)
        {
            octant++;
            y++;
        }

        rest = ((x - y * 7.85398125648498535156e-1) - y * 3.77489470793079817668e-8) - y * 2.69515142907905952645e-15;
        return octant;
    }

    private static double SinSeries(double z)
    {
        double zz = z * z;
        return z + z * zz * ((((((1.58962301576546568060e-10 * zz) + -2.50507477628578072866e-8) * zz + 2.75573136213857245213e-6) * zz
            + -1.98412698295895385996e-4) * zz + 8.33333333332211858878e-3) * zz + -1.66666666666666307295e-1);
    }

    private static double CosSeries(double z)
    {
        double zz = z * z;
        return 1.0 - 0.5 * zz + zz * zz * ((((((-1.13585365213876817300e-11 * zz) + 2.08757008419747316778e-9) * zz + -2.75573141792967388112e-7) * zz
            + 2.48015872888517045348e-5) * zz + -1.38888888888730564116e-3) * zz + 4.16666666666665929218e-2);
    }

    private static double AtanPositive(double x)
    {
        const double MoreBits = 6.123233995736765886130e-17;
        if (double.IsNaN(x) || x <= 0.66) return AtanSeries(x);
        if (x > 2.41421356237309504880) return Math.PI / 2 - AtanSeries(1 / x) + MoreBits;
        return Math.PI / 4 + AtanSeries((x - 1) / (x + 1)) + 0.5 * MoreBits;
    }

    private static double AtanSeries(double x)
    {
        double z = x * x;
        z = z * ((((-8.750608600031904122785e-01 * z + -1.615753718733365076637e+01) * z + -7.500855792314704667340e+01) * z
            + -1.228866684490136173410e+02) * z + -6.485021904942025371773e+01)
            / (((((z + 2.485846490142306297962e+01) * z + 1.650270098316988542046e+02) * z + 4.328810604912902668951e+02) * z
            + 4.853903996359136964868e+02) * z + 1.945506571482613964425e+02);
        return x * z + x;
    }
}
