namespace Aion.Model;

/// <summary>Logarithms computed as Go does on amd64, by the method of fdlibm, so that answers agree in the last digit too.</summary>
public static class GoMath
{
    /// <summary>The natural logarithm. Of a number below 2^-1022 the exponent field is taken as it stands, as recorded answers show.</summary>
    public static double Log(double value)
    {
        if (!double.IsFinite(value) || value <= 0) return Math.Log(value);
        long bits = BitConverter.DoubleToInt64Bits(value);
        double fraction = BitConverter.Int64BitsToDouble((bits & 0x000FFFFFFFFFFFFF) | 0x3FE0000000000000);
        double k = (int)(bits >> 52) - 0x3FE;
        if (fraction < 7.07106781186547524401e-01)
        {
            k--;
            fraction *= 2;
        }

        double f = fraction - 1, s = f / (2 + f), s2 = s * s, s4 = s2 * s2;
        double odd = s2 * (6.666666666666735130e-01 + s4 * (2.857142874366239149e-01 + s4 * (1.818357216161805012e-01 + s4 * 1.479819860511658591e-01)));
        double even = s4 * (3.999999999940941908e-01 + s4 * (2.222219843214978396e-01 + s4 * 1.531383769920937332e-01));
        double halfSquare = 0.5 * f * f;
        return k * 6.93147180369123816490e-01 - ((halfSquare - (s * (halfSquare + (odd + even)) + k * 1.90821492927058770002e-10)) - f);
    }

    /// <summary>The logarithm to base 2; exact for powers of two.</summary>
    public static double Log2(double value)
    {
        if (!double.IsFinite(value) || value <= 0) return Math.Log2(value);
        // Split into a fraction in [0.5, 1) and an exponent, so that only the fraction is rounded.
        int exponent = Math.ILogB(value) + 1;
        double fraction = Math.ScaleB(value, -exponent);
        return fraction == 0.5 ? exponent - 1 : (Log(fraction) * 1.442695040888963407359924681001892137) + exponent;
    }

    public static double Log10(double value) => Log(value) * 0.434294481903251827651128918916605082;
}
