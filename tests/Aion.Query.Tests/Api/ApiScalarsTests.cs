using Aion.Model;
using Microsoft.Extensions.Time.Testing;

namespace Aion.Query.Tests;

public sealed class ApiScalarsTests
{
    [Theory]
    [InlineData("1767222000", 1767222000000)]
    [InlineData("1767222000.123", 1767222000123)]
    [InlineData("1767222000.1239", 1767222000124)]
    [InlineData("1767222000.57", 1767222000570)]
    [InlineData(".5", 500)]
    [InlineData("-1", -1000)]
    [InlineData("-0.25", -250)]
    [InlineData("1.767222e9", 1767222000000)]
    [InlineData("0x1p4", 16000)]
    [InlineData("2025-12-31T23:00:00Z", 1767222000000)]
    [InlineData("2025-12-31T22:05:00.5Z", 1767218700500)]
    [InlineData("2024-12-31T23:30:00+01:00", 1735684200000)]
    [InlineData("NaN", -9223372036854)]
    [InlineData("Inf", -9223372036854)]
    [InlineData("-Inf", -9223372036854)]
    [InlineData("1e20", ApiScalars.MaxTimeMs)]
    [InlineData("-1e20", ApiScalars.MinTimeMs)]
    [InlineData("-9223309901257974", ApiScalars.MinTimeMs)]
    [InlineData("-292273086-05-16T16:47:06Z", ApiScalars.MinTimeMs)]
    [InlineData("292277025-08-18T07:12:54.999999999Z", ApiScalars.MaxTimeMs)]
    public void Times_are_seconds_or_RFC3339(string text, long milliseconds) => Assert.Equal(milliseconds, ApiScalars.Time(text));

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("now")]
    [InlineData("0x10")]
    [InlineData("1e999")]
    [InlineData("2025-13-01T00:00:00Z")]
    [InlineData("2025-12-31T23:00:00")]
    public void Other_times_are_refused(string text)
    {
        var error = Assert.Throws<BadParameterException>(() => ApiScalars.Time(text));

        Assert.Equal($"cannot parse \"{text}\" to a valid timestamp", error.Message);
    }

    [Fact]
    public void A_named_time_says_its_name()
    {
        var form = ApiForm.FromQuery("time=abc");

        Assert.Equal(7, ApiScalars.Time(form, "start", 7));
        Assert.Equal(
            "Invalid time value for 'time': cannot parse \"abc\" to a valid timestamp",
            Assert.Throws<BadParameterException>(() => ApiScalars.Time(form, "time", 0)).Message);
    }

    [Theory]
    [InlineData("5", 5_000_000_000)]
    [InlineData("0.5", 500_000_000)]
    [InlineData("-5", -5_000_000_000)]
    [InlineData("0", 0)]
    [InlineData("1h30m", 5_400_000_000_000)]
    [InlineData("1y", 31_536_000_000_000_000)]
    [InlineData("10ms", 10_000_000)]
    [InlineData("NaN", long.MinValue)]
    public void Durations_are_seconds_or_Prometheus_durations(string text, long nanoseconds) =>
        Assert.Equal(nanoseconds, ApiScalars.DurationNs(text));

    [Theory]
    [InlineData("abc", "")]
    [InlineData("-5m", "")]
    [InlineData("1.5h", "")]
    [InlineData("1000000000000y", "")]
    [InlineData("1e300", ". It overflows int64")]
    public void Other_durations_are_refused(string text, string more)
    {
        var error = Assert.Throws<BadParameterException>(() => ApiScalars.DurationNs(ApiForm.FromQuery("step=" + text), "step"));

        Assert.Equal($"'step' parameter: cannot parse \"{text}\" to a valid duration{more}", error.Message);
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("T", true)]
    [InlineData("True", true)]
    [InlineData("0", false)]
    [InlineData("f", false)]
    [InlineData("FALSE", false)]
    [InlineData("", true)]
    public void Booleans_are_those_of_Go(string text, bool value) =>
        Assert.Equal(value, ApiScalars.Bool(ApiForm.FromQuery("dedup=" + text), "dedup", true));

    [Fact]
    public void Other_booleans_are_refused() =>
        Assert.Equal(
            "'dedup' parameter: strconv.ParseBool: parsing \"maybe\": invalid syntax",
            Assert.Throws<BadParameterException>(() => ApiScalars.Bool(ApiForm.FromQuery("dedup=maybe"), "dedup", true)).Message);

    [Theory]
    [InlineData("", 0)]
    [InlineData("0", 0)]
    [InlineData("12", 12)]
    [InlineData("+3", 3)]
    [InlineData("9000000000", int.MaxValue)]
    public void Limits_are_whole_numbers(string text, int limit) =>
        Assert.Equal(limit, ApiScalars.Limit(ApiForm.FromQuery("limit=" + text.Replace("+", "%2B", StringComparison.Ordinal))));

    [Theory]
    [InlineData("-1", "limit must be non-negative")]
    [InlineData("x", "strconv.Atoi: parsing \"x\": invalid syntax")]
    [InlineData("1.5", "strconv.Atoi: parsing \"1.5\": invalid syntax")]
    [InlineData("99999999999999999999", "strconv.Atoi: parsing \"99999999999999999999\": value out of range")]
    public void Other_limits_are_refused(string text, string message) =>
        Assert.Equal(message, Assert.Throws<BadParameterException>(() => ApiScalars.Limit(ApiForm.FromQuery("limit=" + text))).Message);

    [Fact]
    public void A_range_without_ends_is_everything_or_the_default_range()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(10_000_000));

        Assert.Equal(new TimeRange(ApiScalars.MinTimeMs, ApiScalars.MaxTimeMs), ApiScalars.Range(ApiForm.FromQuery(""), TimeSpan.Zero, time));
        Assert.Equal(new TimeRange(9_940_000, 10_000_000), ApiScalars.Range(ApiForm.FromQuery(""), TimeSpan.FromMinutes(1), time));
        Assert.Equal(new TimeRange(5_000, 10_000_000), ApiScalars.Range(ApiForm.FromQuery("start=5"), TimeSpan.FromMinutes(1), time));
        Assert.Equal(
            "end timestamp must not be before start time",
            Assert.Throws<BadParameterException>(() => ApiScalars.Range(ApiForm.FromQuery("start=5&end=4"), TimeSpan.Zero, time)).Message);
    }
}
