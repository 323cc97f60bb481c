using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Aion.Hosting.Tests;

#pragma warning disable CA1001 // a memory stream holds nothing to give back
public sealed class LogOutputTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 8, 22, 10, 55, 20, TimeSpan.Zero));
    private readonly MemoryStream _written = new();

    [Fact]
    public void Logfmt_has_time_caller_level_bound_keys_message_fields()
    {
        _time.Advance(TimeSpan.FromTicks(1234500));
        ILogger logger = Output(LogFormat.Logfmt, name: "a").CreateLogger("x").With([("service", "http/server"), ("component", "query")]);

        logger.Info("listening for requests", [("address", "127.0.0.1:1"), ("count", 3), ("took", TimeSpan.FromMilliseconds(1500)), ("err", null)]);

        Assert.Equal("ts=2026-08-22T10:55:20.12345Z caller=LogOutputTests.cs:N name=a level=info service=http/server component=query "
            + "msg=\"listening for requests\" address=127.0.0.1:1 count=3 took=1.5s err=null\n", Written());
    }

    [Fact]
    public void Json_has_sorted_keys_and_typed_values()
    {
        ILogger logger = Output(LogFormat.Json).CreateLogger("x").With([("service", "s")]);

        logger.Warn("a <b> & \"c\"", [("z", 1.5), ("b", true), ("a", null), ("err", new InvalidOperationException("x\ny")), ("d", TimeSpan.FromMinutes(2))]);

        Assert.Equal("{\"a\":null,\"b\":true,\"caller\":\"LogOutputTests.cs:N\",\"d\":\"2m0s\",\"err\":\"x\\ny\",\"level\":\"warn\",\"msg\":\"a <b> & \\\"c\\\"\","
            + "\"service\":\"s\",\"ts\":\"2026-08-22T10:55:20Z\",\"z\":1.5}\n", Written());
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("two words", "\"two words\"")]
    [InlineData("a=b", "\"a=b\"")]
    [InlineData("say \"x\"", "\"say \\\"x\\\"\"")]
    [InlineData("back\\slash", "back\\slash")]
    [InlineData("back \\slash", "\"back \\\\slash\"")]
    [InlineData("a\nb\tc", "\"a\\nb\\tc\"")]
    [InlineData("\u0001", "\"\\u0001\"")]
    [InlineData("null", "\"null\"")]
    [InlineData("ü", "ü")]
    [InlineData("日本🚀", "日本🚀")]
    public void Logfmt_quotes_only_what_needs_it(string value, string expected)
    {
        Output(LogFormat.Logfmt).CreateLogger("x").Error(null, [("v", value)]);

        Assert.Equal($"ts=2026-08-22T10:55:20Z caller=LogOutputTests.cs:N level=error v={expected}\n", Written());
    }

    [Fact]
    public void A_lone_surrogate_is_written_as_the_replacement_character()
    {
        // Not a theory: such text does not survive the test runner's own messages.
        Output(LogFormat.Logfmt).CreateLogger("x").Error(null, [("v", "a\uD800b")]);

        Assert.EndsWith(" v=\"a\\ufffdb\"\n", Written());
    }

    [Fact]
    public void Levels_below_the_minimum_are_dropped_and_libraries_start_at_warning()
    {
        LogOutput output = Output(LogFormat.Logfmt, LogLevel.Information);

        output.CreateLogger("x").Debug("no");
#pragma warning disable CA1848 // what a library does
        output.CreateLogger("Microsoft.AspNetCore.X").LogInformation("no");
        output.CreateLogger("Microsoft.AspNetCore.X").LogWarning("yes {Name}", "n");
#pragma warning restore CA1848

        Assert.Equal("ts=2026-08-22T10:55:20Z caller=Microsoft.AspNetCore.X level=warn msg=yes name=n\n", Written());
    }

    [Theory]
    [InlineData("loading block {Block} failed, tried again: {Reason}", "msg=\"loading block a b failed, tried again\" reason=1.5s")]
    [InlineData("done {Block} {Reason}", "msg=done block=\"a b\" reason=1.5s")]
    [InlineData("{Block} of {Reason} is gone", "msg=\"a b of 00:00:01.5000000 is gone\"")]
    [InlineData("{Block}: {Reason}", "msg=\"a b: 00:00:01.5000000\"")]
    [InlineData("{{x}} {Block} {Reason}", "msg=\"{x} a b 00:00:01.5000000\"")]
    public void Holes_at_the_end_of_a_template_become_fields(string template, string expected)
    {
        Output(LogFormat.Logfmt).CreateLogger("x").LogWarning(template, "a b", TimeSpan.FromMilliseconds(1500));

        Assert.Equal($"ts=2026-08-22T10:55:20Z caller=x level=warn {expected}\n", Written());
    }

    [Fact]
    public void An_error_shows_its_causes_once()
    {
        Exception error = new InvalidOperationException("outer", new IOException("inner", new IOException("inner")));

        Output(LogFormat.Logfmt).CreateLogger("x").Error("failed", [("err", error)]);

        Assert.EndsWith(" msg=failed err=\"outer: inner\"\n", Written());
    }

    private LogOutput Output(LogFormat format, LogLevel minimum = LogLevel.Debug, string name = "") => new(_written, format, minimum, _time, name);

    private string Written() => Regex.Replace(Encoding.UTF8.GetString(_written.ToArray()), @"LogOutputTests\.cs:\d+", "LogOutputTests.cs:N");
}
