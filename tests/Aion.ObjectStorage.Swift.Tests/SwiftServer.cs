using Aion.Testing;

namespace Aion.ObjectStorage.Swift.Tests;

/// <summary>OpenStack Swift over its own API, logged in by version 1 (tempauth), with two containers for these tests.</summary>
internal sealed class SwiftServer : IDisposable
{
    public const string Container = "aion-native";
    public const string Segments = "aion-native-segments";
    private readonly HttpClient _http = new();
    private readonly string _endpoint;

    private SwiftServer(string endpoint) => _endpoint = endpoint;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<SwiftServer> StartAsync()
    {
        var server = new SwiftServer((await ServiceScript.StartAsync("swift-s3.sh"))["AION_S3_ENDPOINT"]);
        using var login = new HttpRequestMessage(HttpMethod.Get, server._endpoint + "/auth/v1.0");
        login.Headers.Add("X-Auth-User", "test:tester");
        login.Headers.Add("X-Auth-Key", "testing");
        using HttpResponseMessage session = await server._http.SendAsync(login, Cancellation);
        server._http.DefaultRequestHeaders.Add("X-Auth-Token", session.Headers.GetValues("X-Auth-Token"));
        foreach (string container in (string[])[Container, Segments])
            (await server._http.PutAsync(server.Address(container), null, Cancellation)).EnsureSuccessStatusCode();
        return server;
    }

    /// <param name="settings">More settings, in YAML's flow form.</param>
    public IBucket Open(string settings, string password = "testing", string container = Container) => Buckets.Open(
        $"{{auth_url: \"{_endpoint}/auth/v1.0\", username: \"test:tester\", password: {password}, container_name: {container}, {settings}}}");

    /// <summary>All segments there are: their names do not tell whose they are. The classes here run one after the other.</summary>
    public async Task<int> CountSegmentsAsync(string container)
    {
        string names = await _http.GetStringAsync(Address(container + "?prefix=segments/"), Cancellation);
        return names.Count(c => c == '\n');
    }

    public void Dispose() => _http.Dispose();

    private Uri Address(string container) => new($"{_endpoint}/v1/AUTH_test/{container}");
}
