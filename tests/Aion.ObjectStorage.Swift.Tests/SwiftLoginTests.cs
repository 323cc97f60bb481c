using System.Text;
using Aion.Testing;

namespace Aion.ObjectStorage.Swift.Tests;

/// <summary>
/// How tokens are got. Version 1 also runs against a real Swift (<see cref="SwiftServerTests"/>); of versions 2 and 3 no server is to be had
/// here: these answers have the shape that OpenStack's documentation of the identity API records.
/// </summary>
public sealed class SwiftLoginTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(
        "username: u, password: p, domain_name: D, project_name: P",
        """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"u","password":"p","domain":{"name":"D"}}}},"scope":{"project":{"name":"P","domain":{"name":"D"}}}}}""")]
    [InlineData(
        "username: u, password: p, user_domain_id: X, project_name: P, project_domain_id: Y",
        """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"u","password":"p","domain":{"id":"X"}}}},"scope":{"project":{"name":"P","domain":{"id":"Y"}}}}}""")]
    [InlineData(
        "username: u, password: p, project_name: P",
        """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"u","password":"p"}}},"scope":{"project":{"name":"P","domain":{"name":"Default"}}}}}""")]
    [InlineData(
        "user_id: i, password: p, project_id: q, project_name: P",
        """{"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"i","password":"p"}}},"scope":{"project":{"id":"q"}}}}""")]
    [InlineData(
        "application_credential_id: a, application_credential_secret: s, project_name: P",
        """{"auth":{"identity":{"methods":["application_credential"],"application_credential":{"secret":"s","id":"a"}}}}""")]
    [InlineData(
        "application_credential_name: n, application_credential_secret: s, username: u, domain_id: d",
        """{"auth":{"identity":{"methods":["application_credential"],"application_credential":{"secret":"s","name":"n","user":{"name":"u","domain":{"id":"d"}}}}}}""")]
    [InlineData("password: t", """{"auth":{"identity":{"methods":["token"],"token":{"id":"t"}}}}""")]
    public async Task Version_3_says_who_asks_for_which_project(string settings, string expected)
    {
        await using var server = new StubHttpServer(Keystone3);

        Assert.True(await OpenAt(server, "v3", settings).ExistsAsync("x", Cancellation));

        StubRequest login = server.Requests.First();
        Assert.Equal(("POST", "/v3/auth/tokens"), (login.Method, login.Target));
        Assert.Equal(expected, Encoding.UTF8.GetString(login.Body));
        Assert.Equal("application/json", login.Header("Content-Type"));
    }

    [Theory]
    [InlineData("", "/one/c/x")]
    [InlineData("region_name: RegionTwo", "/two/c/x")]
    [InlineData("region_name: region-2", "/two/c/x")]
    public async Task Version_3_finds_the_regions_public_object_store(string settings, string expected)
    {
        await using var server = new StubHttpServer(Keystone3);

        await OpenAt(server, "v3", $"user_id: i, password: p, {settings}").ExistsAsync("x", Cancellation);

        StubRequest asked = server.Requests.Last();
        Assert.Equal(expected, asked.Target);
        Assert.Equal("subject", asked.Header("X-Auth-Token"));
    }

    [Fact]
    public async Task A_region_without_an_object_store_is_named()
    {
        await using var server = new StubHttpServer(Keystone3);

        BucketException e = await Assert.ThrowsAsync<BucketException>(
            () => OpenAt(server, "v3", "user_id: i, password: p, region_name: Nowhere").ExistsAsync("x", Cancellation));

        Assert.Contains("names no object store in region Nowhere (field region_name)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_2_takes_a_password_or_an_api_key()
    {
        await using var server = new StubHttpServer(Keystone2);

        await OpenAt(server, "v2.0", "username: u, password: p, project_name: P, region_name: RegionTwo").ExistsAsync("x", Cancellation);

        Assert.Equal(
            [
                """{"auth":{"passwordCredentials":{"username":"u","password":"p"},"tenantName":"P"}}""",
                """{"auth":{"RAX-KSKEY:apiKeyCredentials":{"username":"u","apiKey":"p"},"tenantName":"P"}}""",
            ],
            server.Requests.Take(2).Select(r => Encoding.UTF8.GetString(r.Body)));
        Assert.Equal("/v2.0/tokens", server.Requests.First().Target);
        Assert.Equal(("/two/c/x", "t2"), (server.Requests.Last().Target, server.Requests.Last().Header("X-Auth-Token")));
    }

    [Theory]
    [InlineData(401, """{"error": {"message": "The request you have made requires authentication."}}""", BucketErrorKind.AccessDenied)]
    [InlineData(503, "busy", BucketErrorKind.Transient)]
    [InlineData(404, "<html><h1>Not Found</h1><p>The resource could not be found.</p></html>", BucketErrorKind.Unknown)]
    [InlineData(200, "{broken", BucketErrorKind.Unknown)]
    [InlineData(200, "{}", BucketErrorKind.Unknown)]
    public async Task A_login_that_fails_says_where_and_tells_no_secret(int status, string body, BucketErrorKind expected)
    {
        await using var server = new StubHttpServer(_ => new StubAnswer(status, body, "application/json"));

        BucketException e = await Assert.ThrowsAsync<BucketException>(
            () => OpenAt(server, "v3", "user_id: i, password: topsecret, retries: 1").ExistsAsync("x", Cancellation));

        Assert.Equal(expected, e.Kind);
        Assert.Contains($"log in at http://{server.Address}/v3", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", e.ToString(), StringComparison.Ordinal);
    }

    private static IBucket OpenAt(StubHttpServer server, string version, string settings) =>
        Buckets.Open($"{{auth_url: \"http://{server.Address}/{version}\", container_name: c, {settings}}}");

    private static StubAnswer Keystone3(StubRequest request) => request.Target != "/v3/auth/tokens" ? new StubAnswer(200) : new StubAnswer(
        201,
        $$$"""
        {"token": {"methods": ["password"], "expires_at": "2199-11-07T01:58:43.578887Z", "issued_at": "2015-11-07T00:58:43.578929Z",
        "user": {"domain": {"id": "default", "name": "Default"}, "id": "423f19a4ac1e4f48bbb4180756e6eb6c", "name": "admin", "password_expires_at": null},
        "audit_ids": ["ZzZwkUflQfygX7pdYDBCQQ"], "is_domain": false,
        "catalog": [
          {"type": "identity", "id": "1", "name": "keystone", "endpoints": [{"region_id": "RegionOne", "url": "http://k/", "region": "RegionOne", "interface": "public", "id": "e"}]},
          {"type": "object-store", "id": "2", "name": "swift", "endpoints": [
            {"region_id": "region-1", "url": "http://{{{request.Header("Host")}}}/internal", "region": "RegionOne", "interface": "internal", "id": "a"},
            {"region_id": "region-1", "url": "http://{{{request.Header("Host")}}}/one", "region": "RegionOne", "interface": "public", "id": "b"},
            {"region_id": "region-2", "url": "http://{{{request.Header("Host")}}}/two/", "region": "RegionTwo", "interface": "public", "id": "c"}]}]}}
        """,
        "application/json")
    { Headers = new() { ["X-Subject-Token"] = "subject" } };

    private static StubAnswer Keystone2(StubRequest request)
    {
        if (request.Target != "/v2.0/tokens") return new StubAnswer(200);
        if (!Encoding.UTF8.GetString(request.Body).Contains("RAX-KSKEY", StringComparison.Ordinal))
            return new StubAnswer(401, """{"unauthorized": {"code": 401, "message": "Unable to authenticate user with credentials provided."}}""", "application/json");
        return new StubAnswer(
            200,
            $$$"""
            {"access": {"token": {"expires": "2199-04-13T13:15:00.000-05:00", "id": "t2", "tenant": {"id": "1", "name": "1"}},
            "user": {"id": "161418", "name": "demoauthor", "roles": [{"id": "3", "name": "admin"}], "roles_links": []},
            "serviceCatalog": [
              {"type": "compute", "name": "nova", "endpoints": [{"region": "RegionTwo", "publicURL": "http://n/"}]},
              {"type": "object-store", "name": "swift", "endpoints": [
                {"tenantId": "1", "publicURL": "http://{{{request.Header("Host")}}}/one", "internalURL": "http://i/", "region": "RegionOne"},
                {"tenantId": "1", "publicURL": "http://{{{request.Header("Host")}}}/two", "internalURL": "http://i/", "region": "RegionTwo"}]}]}}
            """,
            "application/json");
    }
}
