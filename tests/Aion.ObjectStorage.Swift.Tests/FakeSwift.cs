using Aion.Testing;

namespace Aion.ObjectStorage.Swift.Tests;

/// <summary>A server that logs everybody in and leaves the rest to the test, for the answers that a real Swift does not give when it is asked to.</summary>
internal sealed class FakeSwift : IAsyncDisposable
{
    public const string Token = "tk";
    private readonly Func<StubRequest, StubAnswer> _answer;
    private readonly StubHttpServer _server;
    private int _logins;

    public FakeSwift(Func<StubRequest, StubAnswer> answer)
    {
        _answer = answer;
        _server = new StubHttpServer(Answer);
    }

    public string Address => _server.Address;

    public int Logins => _logins;

    /// <summary>How long the tokens are good for; seconds.</summary>
    public int TokenSeconds { get; set; } = 3600;

    /// <summary>All requests but the logins.</summary>
    public IReadOnlyList<StubRequest> Requests => [.. _server.Requests.Where(r => !r.Target.StartsWith("/auth", StringComparison.Ordinal))];

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private StubAnswer Answer(StubRequest request)
    {
        if (!request.Target.StartsWith("/auth", StringComparison.Ordinal)) return _answer(request);
        int login = Interlocked.Increment(ref _logins);
        return new StubAnswer(200)
        {
            Headers = new()
            {
                ["X-Storage-Url"] = $"http://{Address}/v1/AUTH_t",
                ["X-Auth-Token"] = $"{Token}{login}",
                ["X-Auth-Token-Expires"] = TokenSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture),
            },
        };
    }
}
