using System.Globalization;
using System.Text.Json;
using FsCheck.Xunit;
using Microsoft.Extensions.Time.Testing;

namespace Aion.Model.Tests;

public sealed class DurationTests
{
    [Fact]
    public void Prometheus_durations_are_read_as_recorded() =>
        AssertParses("prometheus_duration_ns", text => PrometheusDuration.Parse(text).Ticks * 100);

    [Fact]
    public void Prometheus_durations_print_as_recorded() =>
        AssertPrints("prometheus_duration_text", "nanoseconds", ns => PrometheusDuration.Format(TimeSpan.FromTicks(ns / 100)));

    [Fact]
    public void Go_durations_are_read_as_recorded() => AssertParses("go_duration_ns", GoDuration.ParseNanoseconds);

    [Fact]
    public void Go_durations_print_as_recorded() => AssertPrints("go_duration_text", "nanoseconds", GoDuration.Format);

    [Fact]
    public void Flag_durations_are_read_as_recorded() => AssertParses("kingpin_duration_flag_ns", GoDuration.ParseFlagNanoseconds);

    [Fact]
    public void Sizes_are_read_as_recorded() => GoldenLines.AssertAll(
        GoldenLines.OfKind("base2_bytes", "write", "parse.jsonl"),
        // Upstream wraps 2^63 to a negative size.
        line => line.Text("text") == "8EiB"
            ? ByteSize.TryParse("8EiB", out _, out string? overflow) ? "accepted" : overflow == "units: overflow parsing unit" ? null : overflow
            : CompareOutcome(line, text => ByteSize.Parse(text)));

    [Fact]
    public void Sizes_print_as_recorded() => AssertPrints("base2_bytes_text", "bytes", ByteSize.Format);

    [Fact]
    public void Time_or_duration_flags_are_read_as_recorded()
    {
        var now = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_000_000_000_000));
        GoldenLines.AssertAll(GoldenLines.OfKind("time_or_duration_flag", "write", "parse.jsonl"), line =>
        {
            string? expectedError = line.Text("error");
            bool valid = TimeOrDuration.TryParse(line.Text("text")!, out TimeOrDuration value, out string? error);
            // Upstream panics on an empty text.
            if (expectedError is not null) return !valid && (error == expectedError || expectedError.StartsWith("PANIC", StringComparison.Ordinal)) ? null : error ?? "accepted";
            if (!valid) return error;
            JsonElement expected = line.GetProperty("value");
            if (expected.TryGetProperty("time_ms", out JsonElement time)) return value.FixedMs == time.GetInt64() ? null : $"{value.FixedMs}";
            long fromNow = value.ResolveMs(now) - 1_000_000_000_000;
            return fromNow == expected.GetProperty("duration_ms_from_now").GetInt64() && value.ToString() == expected.Text("text") ? null : $"{fromNow} {value}";
        });
    }

    [Fact]
    public void A_moving_time_slides_with_the_clock()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(10_000_000));
        var value = TimeOrDuration.Parse("-1h");

        Assert.Equal(6_400_000, value.ResolveMs(time));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(6_401_000, value.ResolveMs(time));
    }

    [Theory]
    [InlineData("2026-02-29T00:00:00Z")]
    [InlineData("2026-01-01T24:00:00Z")]
    [InlineData("2026-01-01t00:00:00Z")]
    [InlineData("2026-01-01T00:00:00")]
    [InlineData("2026-01-01T00:00:00.Z")]
    [InlineData("2026-01-01T00:00:00+0200")]
    [InlineData("+026-01-01T00:00:00Z")]
    public void Times_that_are_not_RFC_3339(string text) => Assert.False(Rfc3339.TryParse(text, out _, out _));

    [Fact]
    public void Times_agree_with_the_platform()
    {
        for (var day = 0; day < 400_000; day += 17)
        {
            DateTimeOffset time = DateTimeOffset.UnixEpoch.AddDays(day - 200_000).AddMilliseconds(day * 977L % 86_400_000);
            Assert.True(Rfc3339.TryParseMs(time.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture), out long ms));
            Assert.Equal(time.ToUnixTimeMilliseconds(), ms);
        }
    }

    [Property]
    public void Durations_read_back_what_they_print(long value)
    {
        Assert.Equal(value, GoDuration.ParseNanoseconds(GoDuration.Format(value)));
        long ms = Math.Abs(value / 2_000_000);
        Assert.Equal(ms, PrometheusDuration.Parse(PrometheusDuration.Format(ms)).Ticks / TimeSpan.TicksPerMillisecond);
    }

    private static void AssertParses(string kind, Func<string, long> parse) =>
        GoldenLines.AssertAll(GoldenLines.OfKind(kind, "write", "parse.jsonl"), line => CompareOutcome(line, parse));

    private static void AssertPrints(string kind, string field, Func<long, string> print) => GoldenLines.AssertAll(
        GoldenLines.OfKind(kind, "write", "parse.jsonl"),
        line => print(line.GetProperty(field).GetInt64()) is var actual && actual == line.Text("value") ? null : actual);

    private static string? CompareOutcome(JsonElement line, Func<string, long> parse)
    {
        (string? value, string? error) = GoFloatTests.Outcome(() => parse(line.Text("text")!).ToString(CultureInfo.InvariantCulture));
        string? expected = line.TryGetProperty("value", out JsonElement number) ? number.GetRawText() : null;
        return value == expected && error == line.Text("error") ? null : $"{value} {error}";
    }
}
