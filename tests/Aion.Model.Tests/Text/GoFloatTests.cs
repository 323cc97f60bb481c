using System.Buffers;
using System.Globalization;
using System.Text;
using FsCheck.Xunit;

namespace Aion.Model.Tests;

public sealed class GoFloatTests
{
    [Fact]
    public void Samples_and_timestamps_print_as_recorded_from_the_HTTP_API() => GoldenLines.AssertAll(
        GoldenLines.Read("promql", "number-format.jsonl"),
        line =>
        {
            string expected = line.Text("text")!;
            string actual = line.Text("kind") == "timestamp"
                ? GoFloat.ToTimestamp(line.GetProperty("ms").GetInt64())
                : GoFloat.ToSample(BitConverter.UInt64BitsToDouble(ulong.Parse(line.Text("hex")!, NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
            // Upstream garbles the smallest timestamp ("--9223372036854775.00-808").
            if (expected.StartsWith("--", StringComparison.Ordinal)) expected = "-9223372036854775.808";
            return actual == expected ? null : actual;
        },
        expectedAtLeast: 3683);

    [Fact]
    public void Samples_print_as_recorded_from_the_querier() => GoldenLines.AssertAll(
        GoldenLines.OfKind("api_sample_value", "write", "parse.jsonl"),
        line =>
        {
            double value = BitConverter.UInt64BitsToDouble(ulong.Parse(line.Text("bits")!, CultureInfo.InvariantCulture));
            (string sample, string plain) = ($"\"{GoFloat.ToSample(value)}\"", GoFloat.ToPlain(value));
            return sample == line.Text("value") && plain == line.Text("promql_text") ? null : $"{sample} {plain}";
        });

    [Fact]
    public void Numbers_are_read_as_Go_reads_them() => GoldenLines.AssertAll(
        GoldenLines.OfKind("go_float", "write", "parse.jsonl"),
        line =>
        {
            string text = line.Text("text")!;
            (string? value, string? error) = Outcome(() => GoFloat.ToGeneral(GoFloat.Parse(text)));
            GoNumberStatus fromBytes = GoFloat.TryParse(Encoding.UTF8.GetBytes(text), out _);
            return value == line.Text("value") && error == line.Text("error") && (fromBytes == GoNumberStatus.Ok) == (error is null)
                ? null
                : $"{value} {error} {fromBytes}";
        });

    [Theory]
    [InlineData(0, "0", "0e+00", "0")]
    [InlineData(-0.0, "-0", "-0e+00", "-0")]
    [InlineData(123456789, "123456789", "1.23456789e+08", "1.23456789e+08")]
    [InlineData(100000, "100000", "1e+05", "100000")]
    [InlineData(1e6, "1000000", "1e+06", "1e+06")]
    [InlineData(0.0001, "0.0001", "1e-04", "0.0001")]
    [InlineData(0.00001, "0.00001", "1e-05", "1e-05")]
    [InlineData(-12.5, "-12.5", "-1.25e+01", "-12.5")]
    [InlineData(1.5e100, "15000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000", "1.5e+100", "1.5e+100")]
    [InlineData(double.NegativeInfinity, "-Inf", "-Inf", "-Inf")]
    [InlineData(double.NaN, "NaN", "NaN", "NaN")]
    public void The_three_forms(double value, string plain, string exponent, string general)
    {
        Assert.Equal(plain, GoFloat.ToPlain(value));
        Assert.Equal(exponent, GoFloat.ToExponent(value));
        Assert.Equal(general, GoFloat.ToGeneral(value));
    }

    [Theory]
    [InlineData("0x1p0", 1)]
    [InlineData("0x1.fffffffffffff8p0", 2)] // halfway, to even
    [InlineData("0x1.fffffffffffff7p0", 1.9999999999999998)]
    [InlineData("0x1.00000000000008p0", 1)] // halfway, to even
    [InlineData("0x1.00000000000008000000000000000001p0", 1.0000000000000002)] // a bit far below decides
    [InlineData("0x1p-1074", 5e-324)]
    [InlineData("0x0.8p-1074", 0)] // halfway between nothing and the smallest
    [InlineData("0x0.81p-1074", 5e-324)]
    [InlineData("0x1p-1075", 0)]
    [InlineData("0x1p-2000", 0)]
    [InlineData("0x1.fffffffffffffp-1023", 2.2250738585072014e-308)] // rounds up into the normal range
    [InlineData("0x1.fffffffffffffp1023", double.MaxValue)]
    [InlineData("-0x_1_0.8p+0_1", -33)]
    public void Hexadecimal_numbers_round_once_half_to_even(string text, double expected) => Assert.Equal(expected, GoFloat.Parse(text));

    [Theory]
    [InlineData("0x1p1024", GoNumberStatus.Range)]
    [InlineData("0x1.fffffffffffff8p1023", GoNumberStatus.Range)]
    [InlineData("0x.p0", GoNumberStatus.Syntax)]
    [InlineData("0x1p", GoNumberStatus.Syntax)]
    [InlineData("1._5", GoNumberStatus.Syntax)]
    [InlineData("1_", GoNumberStatus.Syntax)]
    [InlineData("1e_5", GoNumberStatus.Syntax)]
    [InlineData("1.2.3", GoNumberStatus.Syntax)]
    public void Refused_numbers(string text, GoNumberStatus expected) => Assert.Equal(expected, GoFloat.TryParse(text, out _));

    [Property(MaxTest = 2000)]
    public void Numbers_of_few_decimals_print_as_they_were_written(int units, uint decimals, byte count)
    {
        string fraction = (decimals % 100_000_000).ToString("D8", CultureInfo.InvariantCulture)[..(count % 9)].TrimEnd('0');
        string text = fraction.Length == 0 ? units.ToString(CultureInfo.InvariantCulture) : $"{units}.{fraction}";
        double value = double.Parse(text, CultureInfo.InvariantCulture);
        if (Math.Abs(value) < 1e-6) return;
        Assert.Equal(text, GoFloat.ToSample(value));
        Assert.Equal(text, GoFloat.ToPlain(value));
        // Neighbours have more digits, whatever a shortcut may think.
        Assert.NotEqual(text, GoFloat.ToSample(Math.BitIncrement(value)));
        Assert.Equal(Math.BitDecrement(value), GoFloat.Parse(GoFloat.ToSample(Math.BitDecrement(value))));
    }

    [Property(MaxTest = 2000)]
    public void Every_form_reads_back_to_the_same_bits(long bits)
    {
        double value = BitConverter.Int64BitsToDouble(bits);
        foreach (string text in new[] { GoFloat.ToPlain(value), GoFloat.ToExponent(value), GoFloat.ToGeneral(value), GoFloat.ToSample(value) })
        {
            Assert.True(text.Length <= GoFloat.MaxLength);
            Assert.Equal(value, GoFloat.Parse(text));
        }
    }

    [Fact]
    public void The_longest_text_fits()
    {
        var writer = new ArrayBufferWriter<byte>();
        foreach (double value in new[] { -double.Epsilon, -2.2250738585072014e-308, double.MinValue, -1.1125369292536007e-308 }) GoFloat.WritePlain(writer, value);

        Assert.True(writer.WrittenCount > 4 * 300);
    }

    internal static (string? Value, string? Error) Outcome(Func<string> parse)
    {
        try
        {
            return (parse(), null);
        }
        catch (FormatException e)
        {
            return (null, e.Message);
        }
    }
}
