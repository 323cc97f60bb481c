using Aion.Model;
using Aion.Standalone;

namespace Aion.Tests;

public sealed class ExpositionParserTests
{
    [Fact]
    public void Samples_get_the_labels_of_the_target()
    {
        const string Text = "# HELP a b\n# TYPE a counter\na_total{x=\"1\",y=\"q\\\"\\\\\\nz\"} 1.5e3\nplain +Inf\nnone NaN\nzero 0\n";

        List<(Labels Labels, double Value)> samples = ExpositionParser.Parse(Text, [new("job", "aion")]);

        Assert.Equal(Labels.Of("__name__", "a_total", "x", "1", "y", "q\"\\\nz", "job", "aion"), samples[0].Labels);
        Assert.Equal([1500, double.PositiveInfinity, double.NaN, 0], samples.Select(s => s.Value));
    }

    [Theory]
    [InlineData("a{x=1} 2")]
    [InlineData("a{x=\"1\" 2")]
    [InlineData("a{x=\"1")]
    [InlineData("a b")]
    [InlineData("{} 1")]
    public void A_line_that_is_no_sample_is_named(string line) =>
        Assert.Contains(line, Assert.Throws<FormatException>(() => ExpositionParser.Parse(line, [])).Message, StringComparison.Ordinal);
}
