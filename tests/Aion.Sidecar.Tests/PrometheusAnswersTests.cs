using System.Text;
using Aion.Model;
using Aion.Storage;
using FsCheck.Xunit;

namespace Aion.Sidecar.Tests;

public sealed class PrometheusAnswersTests
{
    [Fact]
    public void Series_with_escapes_and_warnings()
    {
        PrometheusAnswer<Labels> answer = PrometheusJson.ReadSeries(Encoding.UTF8.GetBytes(
            """{"status":"success","data":[{"__name__":"up","a":"q\"\u00fc\n"},{}],"warnings":["w1"],"infos":[{}]}"""));

        Assert.Equal([Labels.Of("__name__", "up", "a", "q\"ü\n"), Labels.Empty], answer.Data);
        Assert.Equal(["w1"], answer.Warnings);
    }

    [Fact]
    public void Null_data_is_none() => Assert.Empty(PrometheusJson.ReadList("""{"status":"success","data":null}"""u8.ToArray()).Data);

    [Theory]
    [InlineData("<html>")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"status":"error","error":"x"}""")]
    [InlineData("""{"status":"success","data":[{"a":1}]}""")]
    [InlineData("""{"status":"success","data":[{"a":"b"}""")]
    [InlineData("""{"status":"success","data":["x"]}""")]
    [InlineData("""{"status":"success","data":{"a":"b"}}""")]
    public void What_is_no_series_answer_points_at_the_address(string body) =>
        Assert.Contains(
            "--prometheus.url",
            Assert.Throws<StoreException>(() => PrometheusJson.ReadSeries(Encoding.UTF8.GetBytes(body))).Message, StringComparison.Ordinal);

    [Property]
    public bool Any_bytes_are_an_answer_or_an_error(byte[] bytes)
    {
        try
        {
            PrometheusJson.ReadSeries(bytes);
            return false;
        }
        catch (StoreException)
        {
            return true;
        }
    }

    [Theory]
    [InlineData("global:\n  external_labels:\n    a: b\n    n: 1\n    t: true\n    e: ''\n", """{a="b", n="1", t="true"}""")]
    [InlineData("global:\n  external_labels: {}\n", "{}")]
    [InlineData("global:\n  external_labels:\n", "{}")]
    [InlineData("global: {}\nscrape_configs: [{job_name: x}]\n", "{}")]
    [InlineData("", "{}")]
    public void External_labels_are_found(string yaml, string expected) => Assert.Equal(expected, ExternalLabelsYaml.Parse(yaml).ToString());

    [Theory]
    [InlineData("global: [")]
    [InlineData("global:\n  external_labels: [a]\n")]
    [InlineData("global:\n  external_labels: {a: [b]}\n")]
    public void External_labels_that_are_none_are_refused(string yaml) =>
        Assert.Equal(StoreErrorKind.Internal, Assert.Throws<StoreException>(() => ExternalLabelsYaml.Parse(yaml)).Kind);

    [Theory]
    [InlineData("2.42.0+ds", true, false)]
    [InlineData("2.24.0", true, false)]
    [InlineData("2.23.1", false, false)]
    [InlineData("3.9.1", true, true)]
    [InlineData("something", true, false)]
    public void Versions_tell_abilities(string text, bool matchers, bool utf8)
    {
        PrometheusVersion version = PrometheusVersion.Parse(text);

        Assert.Equal((matchers, utf8), (version.HasLabelMatchers, version.HasUtf8Names));
    }

    [Theory]
    [InlineData("2h", "2h", "", false, false, false)]
    [InlineData("1h", "1h", "", false, false, true)]
    [InlineData("2h", "36h", "", false, true, false)]
    [InlineData("2h", "36h", "", true, false, true)]
    [InlineData("2h", "1d12h", "/data/thanos.shipper.json", false, false, false)]
    [InlineData("2h", "36h", "/data/../data/thanos.shipper.json", false, false, false)]
    [InlineData("2h", "36h", "/other/thanos.shipper.json", true, true, false)]
    [InlineData("x", "2h", "", false, true, false)]
    public void Block_durations_are_judged(string min, string max, string delayFile, bool ignore, bool isError, bool isWarning)
    {
        var flags = new Dictionary<string, string>
        {
            ["storage.tsdb.min-block-duration"] = min,
            ["storage.tsdb.max-block-duration"] = max,
            ["storage.tsdb.delay-compact-file.path"] = delayFile,
        };

        (string? error, string? warning) = BlockDurationCheck.Judge(flags, "/data/thanos.shipper.json", ignore);

        Assert.Equal((isError, isWarning), (error is not null, warning is not null));
    }

    [Fact]
    public void An_agent_is_no_server() =>
        Assert.Contains("agent", BlockDurationCheck.Judge(new Dictionary<string, string>(), "/x", false).Error, StringComparison.Ordinal);
}
