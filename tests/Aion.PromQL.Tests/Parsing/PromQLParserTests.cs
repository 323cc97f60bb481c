using System.Text;
using System.Text.Json;

using FsCheck.Xunit;

namespace Aion.PromQL.Tests;

public sealed class PromQLParserTests
{
    private static readonly string[] Pieces =
    [
        "sum", "topk", "by", "without", "(", ")", "{", "}", "[", "]", ":", ",", "=", "=~", "!=", "\"a\"", "'b'", "`c`", "up", "a:b", "rate", "1", "5m", "1h",
        "0x1f", "inf", "offset", "@", "start", "end", "step", "max_of", "-", "+", "*", "^", "==", "bool", "on", "ignoring", "group_left", "fill", "anchored",
        "smoothed", "and", "or", "unless", " ", "\n", "#", "é", "\\", "_", ".", "info", "</",
    ];

    [Property(MaxTest = 2000)]
    public void Any_text_parses_or_is_refused_with_a_position(int[] picks)
    {
        var text = string.Concat(picks.Select(p => Pieces[(uint)p % (uint)Pieces.Length]));
        foreach (ParserOptions options in (ParserOptions[])[ParserOptions.Default, ParserOptions.AllFeatures])
        {
            try
            {
                Expr tree = PromQLParser.Parse(text, options);
                Assert.Equal(tree.ToString(), PromQLParser.Parse(tree.ToString(), options).ToString());
            }
            catch (PromQLParseException e)
            {
                int length = Encoding.UTF8.GetByteCount(text);
                Assert.NotEmpty(e.Errors);
                Assert.All(e.Errors, x => Assert.InRange(x.Position.Start, 0, length));
            }
        }
    }

    [Theory]
    [InlineData("(", ")", "1")]
    [InlineData("-", "", "up")]
    [InlineData("sum(", ")", "up")]
    [InlineData("abs(", ")", "up")]
    [InlineData("", " + 1", "1")]
    [InlineData("1 ^ ", "", "1")]
    [InlineData("max_over_time(", "[1m:])", "up")]
    [InlineData("up[", "]", "((((((((1m")]
    public void Deep_nesting_is_refused_instead_of_overflowing_the_stack(string before, string after, string inner)
    {
        string Nested(int levels) => string.Concat(Enumerable.Repeat(before, levels)) + inner + string.Concat(Enumerable.Repeat(after, levels));

        Exception? failure = null;
        var thread = new Thread(
            () => failure = Record.Exception(() =>
            {
                Assert.Throws<PromQLParseException>(() => PromQLParser.Parse(Nested(100_000)));
                if (inner.Length > 2) return;
                Expr tree = PromQLParser.Parse(Nested(450));
                Assert.NotEmpty(tree.ToString());
                Assert.NotEmpty(PromQLPrinter.Pretty(tree));
            }),
            1_500_000);
        thread.Start();
        thread.Join();
        Assert.Null(failure);
        Assert.Contains("nested deeper than 1000 levels", Assert.Throws<PromQLParseException>(() => PromQLParser.Parse($"{new string('(', 1001)}1")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("up offset NaN", "1:11: parse error: duration out of range")]
    [InlineData("up[5m:0.0001]", "1:7: parse error: duration must be greater than 0")]
    [InlineData("xrate(up[5m])", "1:1: parse error: unknown function with name \"xrate\"")]
    [InlineData("", "unknown position: parse error: no expression found in input")]
    [InlineData("up\n  + )", "2:6: parse error: unexpected right parenthesis ')'")]
    public void Refuses(string text, string message) =>
        Assert.Equal(message, Assert.Throws<PromQLParseException>(() => PromQLParser.Parse(text)).Message);

    [Theory]
    [InlineData("xrate(up[5m])")]
    [InlineData("xincrease(up[5m])")]
    [InlineData("xdelta(up[5m])")]
    [InlineData("holt_winters(up[5m], 0.5, 0.5)")]
    public void Knows_the_functions_of_Thanos_where_they_are_on(string text) =>
        Assert.Equal(text, PromQLParser.Parse(text, new ParserOptions { ExtendedFunctions = true }).ToString());

    [Theory]
    [InlineData("info(up, {})")]
    [InlineData("{\"\\xff\",a=\"\\xfeb\"}")]
    [InlineData("a + fill_left(NaN) fill_right(-Inf) b")]
    public void What_is_printed_parses_back(string text)
    {
        string printed = PromQLParser.Parse(text, ParserOptions.AllFeatures).ToString();
        Assert.Equal(printed, PromQLParser.Parse(printed, ParserOptions.AllFeatures).ToString());
    }

    [Fact]
    public void Fill_values_that_are_no_JSON_numbers_are_texts()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer)) PromQLJson.Write(writer, PromQLParser.Parse("a + fill_left(NaN) b", ParserOptions.AllFeatures));
        using JsonDocument json = JsonDocument.Parse(buffer.ToArray());
        JsonElement fills = json.RootElement.GetProperty("matching").GetProperty("fillValues");
        Assert.Equal("NaN", fills.GetProperty("lhs").GetString());
        Assert.Equal(JsonValueKind.Null, fills.GetProperty("rhs").ValueKind);
    }

    [Fact]
    public void Every_function_is_called_with_as_many_arguments_as_its_signature_says() => Assert.All(
        FunctionSignatures.All,
        f =>
        {
            string Argument(ValueType type) => type switch { ValueType.Vector => "{a=\"b\"}", ValueType.Matrix => "up[1m]", ValueType.String => "\"s\"", _ => "1" };
            string Text(int count) => $"{f.Name}({string.Join(", ", Enumerable.Range(0, count).Select(i => Argument(f.TypeOfArgument(i))))})";
            var options = ParserOptions.AllFeatures with { ExtendedFunctions = true };
            Assert.Equal(f.ReturnType, PromQLParser.Parse(Text(f.MinArguments), options).Type);
            if (f.MaxArguments < int.MaxValue) Assert.Equal(f.ReturnType, PromQLParser.Parse(Text(f.MaxArguments), options).Type);
            if (f.MinArguments > 0) Assert.Throws<PromQLParseException>(() => PromQLParser.Parse(Text(f.MinArguments - 1), options));
        });
}
