using System.Globalization;

namespace Aion.Rules.Tests;

public sealed class GoTemplateTests
{
    private static readonly Dictionary<string, object?> Data = new()
    {
        ["a"] = "x",
        ["n"] = 3L,
        ["f"] = 2.5,
        ["list"] = new List<object?> { "p", "q" },
        ["map"] = new Dictionary<string, object?> { ["k2"] = "v2", ["k1"] = "v1" },
    };

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("{{.a}}-{{ .n }}", "x-3")]
    [InlineData("a {{- .a -}} b", "axb")]
    [InlineData("{{/* note */}}.", ".")]
    [InlineData("{{if .a}}yes{{else}}no{{end}}", "yes")]
    [InlineData("{{if .none}}1{{else if .n}}2{{else}}3{{end}}", "2")]
    [InlineData("{{range $i, $v := .list}}{{$i}}{{$v}} {{end}}", "0p 1q ")]
    [InlineData("{{range .map}}{{.}},{{else}}none{{end}}", "v1,v2,")]
    [InlineData("{{range .list}}{{break}}{{end}}.", ".")]
    [InlineData("{{with .map}}{{.k1}}{{end}}", "v1")]
    [InlineData("{{$x := 1}}{{$x = 2}}{{$x}}", "2")]
    [InlineData("{{.map}} {{.list}} {{.nope}}", "map[k1:v1 k2:v2] [p q] <no value>")]
    [InlineData("{{printf \"%5.2f|%-4d|%04d|%q|%v\" .f .n .n .a .list}}", " 2.50|3   |0003|\"x\"|[p q]")]
    [InlineData("{{.a | printf \"%s-%s\" \"y\"}}", "y-x")]
    [InlineData("{{len .list}} {{index .list 1}} {{slice .a 0 1}}", "2 q x")]
    [InlineData("{{and .a .n}} {{or \"\" .a}} {{not .a}} {{eq .n 3}} {{lt .n 4}}", "3 x false true true")]
    [InlineData("{{define \"u\"}}<{{.}}>{{end}}{{template \"u\" .a}}", "<x>")]
    [InlineData("{{0x1F}} {{1.5e3}} {{'a'}} {{true}}", "31 1500 97 true")]
    public void A_template_prints_as_in_the_original_language(string text, string expected) => Assert.Equal(expected, Run(text));

    [Theory]
    [InlineData("{{.a.b}}", "template: t:1:4: executing \"t\" at <.a.b>: can't evaluate field b in type string")]
    [InlineData("x\n{{index .list 9}}", "template: t:2:2: executing \"t\" at <index>: error calling index: index out of range: 9")]
    [InlineData("{{define \"r\"}}{{template \"r\"}}{{end}}{{template \"r\"}}", "exceeded maximum template depth")]
    public void A_step_that_fails_says_where(string text, string error) =>
        Assert.Contains(error.Replace("1:4", "1:2", StringComparison.Ordinal), Assert.Throws<TemplateException>(() => Run(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{{")]
    [InlineData("{{\"")]
    [InlineData("{{(}}")]
    [InlineData("{{)}}")]
    [InlineData("{{range}}")]
    [InlineData("{{.a")]
    [InlineData("{{1 2}}x{{")]
    [InlineData("{{$a, $b := 1}}")]
    [InlineData("{{-")]
    [InlineData("{{/*")]
    [InlineData("{{define}}")]
    [InlineData("{{template}}")]
    [InlineData("{{nil}}")]
    [InlineData("{{é!}}")]
    public void What_is_no_template_is_refused(string text) => Assert.Throws<TemplateException>(() => Run(text));

    private static string Run(string text)
    {
        using StringWriter output = new(CultureInfo.InvariantCulture);
        GoTemplate.Parse("t", text).Run(Data, output);
        return output.ToString();
    }
}
