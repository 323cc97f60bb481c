using System.Text;
using Microsoft.AspNetCore.Http;

namespace Aion.Query.Tests;

public sealed class ApiFormTests
{
    [Theory]
    [InlineData("a=1&b=2", "a", "1")]
    [InlineData("?a=1", "a", "1")]
    [InlineData("a=x+y%2Bz", "a", "x y+z")]
    [InlineData("a=%C3%BC%E2%9C%93", "a", "ü✓")]
    [InlineData("match%5B%5D=up", "match[]", "up")]
    [InlineData("a=1&a=2", "a", "1")]
    [InlineData("a", "a", "")]
    [InlineData("a=b=c", "a", "b=c")]
    [InlineData("query=up;time=1", "query", "")]
    [InlineData("a=%zz&b=1", "a", "")]
    [InlineData("a=%zz&b=1", "b", "1")]
    [InlineData("a=%e", "a", "")]
    [InlineData("&&a=1&", "a", "1")]
    public void Query_strings_read_as_in_Go(string query, string name, string value) =>
        Assert.Equal(value, ApiForm.FromQuery(query).First(name));

    [Fact]
    public void All_values_keep_their_order() =>
        Assert.Equal(["b", "a", ""], ApiForm.FromQuery("m=b&x=1&m=a&m=").All("m"));

    [Fact]
    public async Task A_form_body_comes_before_the_url()
    {
        ApiForm form = await Post("?query=sum(up)&time=5", "application/x-www-form-urlencoded; charset=utf-8", "query=count%28up%29");

        Assert.Equal("count(up)", form.First("query"));
        Assert.Equal(["count(up)", "sum(up)"], form.All("query"));
        Assert.Equal("5", form.First("time"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("application/json")]
    [InlineData("not a type")]
    public async Task Other_bodies_are_left_alone(string? contentType) =>
        Assert.Equal("", (await Post("", contentType, "query=up")).First("query"));

    [Fact]
    public async Task A_multipart_form_is_read_after_the_url()
    {
        const string body = "--X\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\nvector(1)\r\n--X--\r\n";

        ApiForm form = await Post("?time=1", "multipart/form-data; boundary=X", body);

        Assert.Equal("vector(1)", form.First("query"));
        Assert.Equal("1", form.First("time"));
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=X")]
    public async Task A_body_past_the_limit_is_refused(string contentType)
    {
        string body = "--X\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\n" + new string('a', ApiForm.MaxBodyBytes + 1) + "\r\n--X--";

        var error = await Assert.ThrowsAsync<BadParameterException>(() => Post("", contentType, body));

        Assert.Equal("the form body is larger than 10 MiB", error.Message);
    }

    [Fact]
    public async Task A_cut_multipart_form_is_refused() =>
        await Assert.ThrowsAsync<BadParameterException>(
            () => Post("", "multipart/form-data; boundary=X", "--X\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\nvec"));

    private static Task<ApiForm> Post(string query, string? contentType, string body)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "POST";
        context.Request.QueryString = new QueryString(query);
        context.Request.ContentType = contentType;
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        return ApiForm.ReadAsync(context.Request, TestContext.Current.CancellationToken);
    }
}
